import { z } from "zod";

/**
 * One line of text as people type it: trimmed, in one Unicode form (NFC), bounded. Refuses what can't be seen:
 * control characters (PostgreSQL takes no NUL), the marks that turn text round (a prompt could read as another
 * company), and halves of characters, which have no UTF-8 form.
 */
export function line(label: string, maxLength: number) {
  return z
    .string(`${label} must be text.`)
    .normalize("NFC")
    .trim()
    .max(maxLength, `${label} is too long: ${maxLength} characters at most.`)
    .regex(
      /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\ufeff]*$/u,
      `${label} holds a character that can't be shown: type it again.`,
    );
}
