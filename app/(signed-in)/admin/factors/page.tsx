import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { changeFactors, confirmTrial, sendTrial } from "@/app/actions/policy";
import { FactorsView } from "@/components/admin/factors/factors-view";
import { mayAdminister } from "@/lib/access/access";
import { readWaysToAsk } from "@/lib/approvals/approvers";
import { readOpenApprovals } from "@/lib/approvals/read";
import { runningReader } from "@/lib/platform/running-database";
import { described } from "@/lib/policy/factors/describe";
import { readFactorCards } from "@/lib/policy/factors/read-factors";
import { readTrialDelivery } from "@/lib/policy/factors/trial";
import { isCodeFactor } from "@/lib/security/code-messages";
import { requireSession } from "@/lib/session/require-session";
import { factorWords } from "@/lib/step-up/factor-words";

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayAdminister(person) ? "Factors" : "Not found" };
}

export default async function FactorsPage() {
  const session = await requireSession();
  const { person } = session;
  const read = await runningReader();
  const [shown, [waiting = null], ways] = await Promise.all([
    readFactorCards(read, person),
    readOpenApprovals(read, person, { target: "policy" }),
    readWaysToAsk(read, { askedBy: person.id, target: null }),
  ]);
  if (!shown) notFound();
  const cards = await Promise.all(
    shown.cards.map(async (card) => ({
      ...card,
      ...described[card.factor],
      label:
        card.factor === "recovery-code" ? factorWords[card.factor].labels : factorWords[card.factor].label,
      trial: isCodeFactor(card.factor) ? await readTrialDelivery(read, session, card.factor) : null,
    })),
  );
  return (
    <FactorsView
      version={shown.version}
      cards={cards}
      waiting={waiting}
      nobodyApproves={ways["loosen-policy"]}
      actions={{ change: changeFactors, sendTrial, confirmTrial }}
    />
  );
}
