import { z } from "zod";
import type { Environment } from "@/lib/platform/env";
import { type Courier, type Letter, Undelivered } from "./courier";

export type SmsSettings = NonNullable<Environment["twilio"]>;

/** Far below the time for which a message is taken out of the outbox (deliver.ts). */
const patienceMilliseconds = 10_000;
const mostAnswerBytes = 64 * 1024;
/** As long as the gateway's own queue may keep a message. */
const longestValiditySeconds = 36_000;

/** What is read of an answer; the rest of it is neither kept nor shown. */
const made = z.object({ sid: z.string().regex(/^[\w-]{1,64}$/) });
const looked = z.object({ status: z.string() });
const refusal = z.object({ code: z.int() });

/**
 * Speaks Twilio's Messages API (2010-04-01) with the gateway of the environment: https, no redirects, since the account's
 * token would go along (threats.md 32; ASVS v5.0.0-15.3.2).
 */
export function smsCourier(settings: SmsSettings, patience = patienceMilliseconds): Courier {
  const messages = `${settings.baseUrl.replace(/\/+$/, "")}/2010-04-01/Accounts/${encodeURIComponent(settings.accountSid)}/Messages`;
  return {
    deliver: async (letter) => {
      if (!/^\+[1-9]\d{6,14}$/.test(letter.recipient))
        throw new Undelivered("the recipient is no number", true);
      const body = formOf(settings.sender, letter);
      // Whatever else it says: it took the message, and another try would be another message.
      const answer = made.safeParse(
        await call(settings, `${messages}.json`, patience, { method: "POST", body }),
      );
      return answer.success ? answer.data.sid : null;
    },
    ask: async (gatewayId) => {
      const answer = looked.safeParse(await call(settings, `${messages}/${gatewayId}.json`, patience, {}));
      const status = answer.success ? answer.data.status : "";
      if (status === "delivered" || status === "read") return "delivered";
      return ["undelivered", "failed", "canceled"].includes(status) ? "failed" : "on-its-way";
    },
    close: () => {},
  };
}

function formOf(sender: string, { recipient, body, secondsLeft }: Letter): URLSearchParams {
  const form = new URLSearchParams({ To: recipient, Body: body });
  form.set(/^MG[0-9a-f]{32}$/i.test(sender) ? "MessagingServiceSid" : "From", sender);
  // What waits in the gateway's queue past the code's end is not sent.
  if (secondsLeft !== null)
    form.set(
      "ValidityPeriod",
      String(Math.min(Math.max(1, Math.floor(secondsLeft)), longestValiditySeconds)),
    );
  return form;
}

async function call(
  { accountSid, authToken }: SmsSettings,
  url: string,
  patience: number,
  request: { method?: "POST"; body?: URLSearchParams },
): Promise<unknown> {
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
  const signal = AbortSignal.timeout(patience);
  try {
    const response = await fetch(url, {
      ...request,
      headers: { Authorization: `Basic ${credentials}`, Accept: "application/json" },
      redirect: "manual",
      signal,
    });
    const answer = parseJson(await textOf(response).catch(() => ""));
    if (response.ok) return answer;
    throw refused(response.status, answer);
  } catch (error) {
    if (error instanceof Undelivered) throw error;
    if (signal.aborted) throw new Undelivered("the gateway did not answer in time", false, true);
    throw new Undelivered("the gateway cannot be reached", false, !neverConnected(error));
  }
}

/** Nobody was there to take anything. Where a connection broke, somebody was. */
function neverConnected(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return [
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
    "UND_ERR_CONNECT_TIMEOUT",
  ].includes(String(cause?.code));
}

/** What a status means here. Only what is said of this message is for good; the rest ends when we are set right. */
function refused(status: number, answer: unknown): Undelivered {
  const named = refusal.safeParse(answer);
  const code = named.success ? `${status}, ${named.data.code}` : String(status);
  if (status < 400) return new Undelivered(`the gateway sends us elsewhere (${code})`, false);
  if (status === 401 || status === 403)
    return new Undelivered(`the gateway refuses our credentials (${code})`, false);
  if (status === 404) return new Undelivered(`the gateway does not know our account (${code})`, false);
  if (status === 429) return new Undelivered(`the gateway has too much to do (${code})`, false);
  if (status >= 500) return new Undelivered(`the gateway is out of order (${code})`, false);
  return new Undelivered(`the gateway refuses this number or text (${code})`, true);
}

/** No more of an answer than it may have. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > mostAnswerBytes) throw new Error("the gateway's answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
