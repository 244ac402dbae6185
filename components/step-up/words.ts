import type { CodeRefusal } from "@/lib/security/refused-code";
import type { ReplacedBecause } from "@/lib/step-up/action-result";
import type { Reason } from "@/lib/step-up/decide";
import { factorWords } from "@/lib/step-up/factor-words";
import type { SendRefusal } from "@/lib/step-up/factors/sent-code/limits";
import type { Delivery } from "@/lib/step-up/factors/sent-code/sent-code";
import type { FactorName, SignInRisk } from "@/lib/step-up/facts";
import { span } from "@/lib/step-up/span";
import type { PromptNotice } from "./call";

/** A factor of the person who reads it, in a sentence. */
export function yourFactor(factor: FactorName): string {
  return factor === "password" ? "your password" : factorWords[factor].one;
}

/** One reason of "Why am I asked?", in a sentence. */
export function reasonWords(reason: Reason): string {
  switch (reason.code) {
    case "needs-factor": {
      const by = listed(reason.factors.map(yourFactor));
      return reason.binding === "input"
        ? `This needs ${by}, given for exactly this.`
        : `This needs ${by}, used in the last ${minutes(reason.maxAgeSeconds)}.`;
    }
    case "never-proved":
      return "Since you signed in, you have not confirmed with a second factor.";
    case "proved":
      return `You confirmed with ${yourFactor(reason.factor)} ${ago(reason.ageSeconds)}.`;
    case "too-old":
      return `You last confirmed with ${yourFactor(reason.factor)} ${ago(reason.ageSeconds)}: that is too long ago.`;
    case "locked-since":
      return "You, or a change of your second factors, have locked this session since you last confirmed.";
    case "not-accepted":
      return `You confirmed with ${yourFactor(reason.factor)}, which is not accepted here.`;
    case "exactly-this":
      return "An earlier confirmation doesn't count: it was not for exactly this.";
    case "on-probation":
      return `${reason.authenticator} was added without another second factor. It can confirm this from ${clock(reason.until)}.`;
    case "authenticator-gone":
      return "What you confirmed with has been removed since.";
    case "no-second-factor":
      return "Your account has no second factor that is accepted here.";
    case "had-a-factor":
      return "Your account has had a second factor: a password alone adds no other.";
    case "closed":
      return "Your role is left out of it by the administrators' policy.";
    case "sent-codes":
      return "Email and SMS codes can't confirm this: it takes a passkey or an authenticator app.";
    case "void-after-reset":
      return "Your password was reset by email, so email codes confirm nothing until you have confirmed with something else.";
    case "older-cookie":
      return "Your session was renewed in another place a moment ago.";
    case "sign-in":
      return riskWords(reason.risk);
  }
}

/** What about a sign-in asks for a second factor. */
export function riskWords(risk: SignInRisk): string {
  switch (risk) {
    case "always":
      return "Your company asks for a second factor at every sign-in.";
    case "new-device":
      return "You have not confirmed with a second factor on this device before.";
    case "after-failures":
      return "Wrong passwords were typed for your account in the last day.";
  }
}

/** Reasons without which a person would not know what to do next: they stand in the open. */
export function plainReasons(reasons: Reason[]): string[] {
  return reasons.filter(({ code }) => code === "sent-codes" || code === "void-after-reset").map(reasonWords);
}

/** Why the challenge is another one than a moment ago. Nothing was counted. */
export function replacedWords(because: ReplacedBecause): string {
  switch (because) {
    case "expired":
      return "This confirmation expired. Your changes are still here.";
    case "locked":
      return "The session was locked in the meantime. Confirm once more.";
    case "changed":
      return "What this needs, or what it changes, is different now. Look again and confirm.";
    case "answered":
      return "This confirmation was used already. Confirm once more.";
    case "foreign":
      return "That confirmation belonged to something else. Confirm once more.";
  }
}

/** What was wrong with the last answer; null where the notice is not about an answer. */
export function noticeWords(notice: PromptNotice, seconds: number | null, others: boolean): string {
  switch (notice.kind) {
    case "replaced":
      return replacedWords(notice.because);
    case "offline":
      return "Keyturn could not be reached. Your changes are still here: try again.";
    case "limited": {
      const passkey = others ? ", or use another method" : "";
      if (notice.retryAfterSeconds === null)
        return `Codes are blocked after too many tries${others ? ": use another method" : ". Ask an administrator"}.`;
      return seconds === 0
        ? "You can try again now."
        : `Too many tries. Try again in ${span(seconds ?? notice.retryAfterSeconds)}${passkey}.`;
    }
    case "rejected":
      return rejectedWords(notice, seconds);
  }
}

/** What became of a code's message, up to its address or number. */
export function deliveryWords(delivery: Delivery, factor: "email-code" | "sms-code"): string {
  switch (delivery) {
    case "waiting":
      return "A code is on its way";
    case "delayed":
      return "We are still trying to send a code";
    case "sent":
      return factor === "sms-code" ? "A code was sent by text message" : "A code was sent by email";
    case "delivered":
      return "A code was delivered";
    case "failed":
      return "A code was not delivered";
  }
}

/** Why no code goes out now. */
export function limitWords({ because }: SendRefusal): string {
  switch (because) {
    case "wait":
      return "You had a code sent a moment ago.";
    case "account":
      return "Too many codes were sent for your account.";
    case "destination":
      return "Too many codes were sent to this address or number.";
    case "installation":
      return "Keyturn has reached its limit for text messages.";
  }
}

/** A typed code that was refused. `wrong`: the sentence for one that is not the code. */
export function refusedCodeWords(refusal: CodeRefusal, wrong: string): string {
  if (refusal.because === "wrong") return `${wrong}${triesWords(refusal.triesLeft)}`;
  if (refusal.retryAfterSeconds !== null)
    return `Too many tries. Try again in ${span(refusal.retryAfterSeconds)}.`;
  return "Codes are blocked after too many tries. Confirming anything with a passkey or a recovery code unblocks them, and so does resetting your password.";
}

function rejectedWords(notice: Extract<PromptNotice, { kind: "rejected" }>, seconds: number | null): string {
  if (notice.reason === "used") {
    if (isSentCode(notice.factor))
      return "That code was used already, or a newer one has taken its place. Send another one.";
    if (notice.factor !== "totp") return "That code was already used.";
    return seconds === 0
      ? "That code was already used. A new code is there now."
      : `That code was already used. New code in ${seconds ?? notice.retryAfterSeconds} s.`;
  }
  if (notice.reason === "counter-went-back")
    return "This passkey seems to have been copied. Use another method and tell an administrator.";
  if (notice.reason === "unavailable")
    return "This could not be checked just now. Try again, or use another method.";
  switch (notice.factor) {
    case "totp":
      return `That code didn't match. Check your phone's clock or wait for the next code.${triesWords(notice.triesLeft)}`;
    case "sms-code":
    case "email-code":
      return `That is not the code of the newest message. Look again, or send another one.${triesWords(notice.triesLeft)}`;
    case "password":
      return `That is not your password.${triesWords(notice.triesLeft)}`;
    case "recovery-code":
      return `That isn't one of your unused recovery codes.${triesWords(notice.triesLeft)}`;
    case "passkey":
      return "This passkey was not accepted. Try again, or use another method.";
  }
}

/** Codes that are sent on demand: by email or text message. */
export function isSentCode(factor: FactorName): factor is "email-code" | "sms-code" {
  return factor === "email-code" || factor === "sms-code";
}

/** How many tries are left, once there are few. */
export function triesWords(left: number | null): string {
  if (left === null || left > 3) return "";
  return left === 0
    ? " The next try has to wait."
    : ` ${left} ${left === 1 ? "try" : "tries"} left before you have to wait.`;
}

function listed(words: string[]): string {
  return words.length < 2
    ? (words[0] ?? "a second factor")
    : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function minutes(seconds: number): string {
  const count = Math.round(seconds / 60);
  return count === 1 ? "minute" : `${count} minutes`;
}

function ago(seconds: number): string {
  if (seconds < 60) return "less than a minute ago";
  const count = Math.floor(seconds / 60);
  return count === 1 ? "a minute ago" : `${count} minutes ago`;
}

function clock(iso: string): string {
  return `${new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(new Date(iso))} UTC`;
}
