import { z } from "zod";
import { isGateway } from "./env-network";

export type Twilio = { accountSid: string; authToken: string; sender: string; baseUrl: string };

const twiliosOwn = "https://api.twilio.com";

/** What text messages need, as it is given (docs/operating.md). */
export const smsVariables = {
  TWILIO_ACCOUNT_SID: z.string().optional(),
  TWILIO_AUTH_TOKEN: z.string().optional(),
  // A number, a short code, a name that phones show, or a messaging service. Anything else fails at the first message.
  TWILIO_SENDER: z
    .string()
    .regex(/^(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|MG[0-9a-fA-F]{32})$/, {
      error:
        "TWILIO_SENDER must be a number such as +15005550006, a name of at most 11 letters and digits, or a messaging service (MG and 32 digits); correct it.",
    })
    .optional(),
  TWILIO_BASE_URL: z
    .string()
    .refine(isGateway, {
      error: "TWILIO_BASE_URL must be an https address, or one of this host; correct or remove it.",
    })
    .optional(),
  KEYTURN_TEXTS_PER_HOUR: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, {
      error: "KEYTURN_TEXTS_PER_HOUR must be a number from 1 to 999999; correct or remove it.",
    })
    .transform(Number)
    .default(200),
};

type Given = z.output<z.ZodObject<typeof smsVariables>>;

/** Checks what belongs together. `fail` throws its sentence. */
export function smsOf(
  given: Given,
  fail: (sentence: string) => never,
): { twilio?: Twilio; mostTextsAnHour: number } {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_SENDER: sender } = given;
  const { TWILIO_BASE_URL: baseUrl = twiliosOwn, KEYTURN_TEXTS_PER_HOUR: mostTextsAnHour } = given;
  if (!accountSid && !authToken && !sender && !given.TWILIO_BASE_URL) return { mostTextsAnHour };
  if (!accountSid || !authToken || !sender) {
    return fail(
      "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_SENDER belong together, and TWILIO_BASE_URL needs them; set all three or none.",
    );
  }
  // Other gateways name their accounts as they like.
  if (new URL(baseUrl).hostname.endsWith(".twilio.com") && !/^AC[0-9a-f]{32}$/i.test(accountSid))
    fail("TWILIO_ACCOUNT_SID must be AC and 32 digits, as Twilio's console shows it; correct it.");
  return { twilio: { accountSid, authToken, sender, baseUrl }, mostTextsAnHour };
}
