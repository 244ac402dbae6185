import { Check, Minus } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import { factorWords } from "@/lib/step-up/factor-words";
import type { EnrolledFactor } from "@/lib/step-up/facts";

type Props = { has: Record<EnrolledFactor, boolean>; settable: readonly EnrolledFactor[] };

/** Which kinds of factor the person has, as the field groups them, and what to add next. */
export function KindsPanel({ has, settable }: Props) {
  const { totp: hasApp, passkey: hasPasskey, "sms-code": hasNumber, "email-code": hasMail } = has;
  const kinds = [
    { name: "Something you know", has: true, what: "your password" },
    {
      name: "Something you have",
      has: hasApp || hasPasskey || hasNumber || hasMail,
      what: [
        hasApp ? "your authenticator app" : null,
        hasPasskey ? "the device with your passkey" : null,
        hasNumber ? "your phone number" : null,
        hasMail ? "your mailbox" : null,
      ]
        .filter(Boolean)
        .join(", "),
    },
    {
      name: "Something you are",
      has: hasPasskey,
      what: "fingerprint or face, where your passkey asks for it",
    },
  ];
  return (
    <Panel title="How you prove that it is you">
      <ul className="flex flex-col gap-2">
        {kinds.map(({ name, has, what }) => (
          <li key={name} className="flex items-start gap-2.5">
            {has ? (
              <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-open" />
            ) : (
              <Minus aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-soft" />
            )}
            <span>
              <span className="font-medium">{name}</span>{" "}
              <span className="text-ink-soft">{has ? what : "nothing yet"}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-3 border-line border-t pt-3">{nextStep(has, settable)}</p>
    </Panel>
  );
}

/** What is missing, of what may be set up. */
function nextStep(has: Props["has"], settable: Props["settable"]): string {
  const missing = (["passkey", "totp"] as const).filter((kind) => !has[kind] && settable.includes(kind));
  const next = missing.map((kind) => factorWords[kind].one).join(" or ");
  const [first] = missing;
  if (!first) return "Keep your recovery codes where you can find them without your phone.";
  if (!has.totp && !has.passkey && (has["sms-code"] || has["email-code"]))
    return `Add ${next} next: codes that are sent confirm daily work, but no bank details and no change of your account. Until you have one, a recovery code pays for it.`;
  if (!has.totp && !has.passkey)
    return `Add ${next} next: without one you can't edit records or open contracts.`;
  return first === "passkey"
    ? "Add a passkey next: it is quicker than a code, and a false website can't take it from you."
    : "Add an authenticator app next, for the day when the device with your passkey is lost.";
}
