import { z } from "zod";

/** A place between two people of the list: what the one beside it sorts by. It stays right while people come and go. */
export type Place = { key: string; id: string };

const cursorForm = z.strictObject({
  key: z
    .string()
    .max(1000)
    .refine((key) => key.isWellFormed() && !key.includes("\u0000")),
  id: z.uuid(),
});

/** Packs a place into one word for an address. */
export function cursorOf({ key, id }: Place): string {
  return Buffer.from(JSON.stringify({ key, id })).toString("base64url");
}

/** Unpacks it; null where it was tampered with: the list then begins anew. */
export function placeOf(cursor: string | undefined): Place | null {
  if (!cursor || cursor.length > 4000) return null;
  try {
    const parsed = cursorForm.safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
