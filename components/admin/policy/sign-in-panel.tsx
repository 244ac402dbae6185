import { CheckField } from "@/components/ui/check-field";
import { Panel } from "@/components/ui/panel";
import type { PolicyDocument, SignInMode } from "@/lib/policy/document";
import { withSignIn } from "./draft";

type Props = {
  labels: Record<SignInMode, string>;
  draft: PolicyDocument;
  onDraft(draft: PolicyDocument): void;
};

const hints: Record<SignInMode, string> = {
  never: "The password signs in; a second factor is asked for when somebody does something sensitive.",
  "when-risky": "A device that the person has not confirmed on before, or failed passwords just before.",
  always: "Except on devices that the person trusted in the last 30 days.",
};

/** Whether the sign-in itself asks for a second factor. It never stands in for a step-up. */
export function SignInPanel({ labels, draft, onDraft }: Props) {
  const modes = Object.keys(labels) as SignInMode[];
  return (
    <Panel title="Second factor at sign-in">
      <div role="radiogroup" aria-label="Second factor at sign-in" className="flex flex-col gap-2">
        {modes.map((mode) => (
          <CheckField
            key={mode}
            type="radio"
            name="sign-in"
            label={labels[mode]}
            hint={hints[mode]}
            checked={draft.signIn === mode}
            onChange={() => onDraft(withSignIn(draft, mode))}
          />
        ))}
      </div>
    </Panel>
  );
}
