import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { viewContract } from "@/app/actions/contracts";
import { ContractView } from "@/components/customers/contract-view";
import { LockedContract } from "@/components/customers/locked-contract";
import { WhileUnlocked } from "@/components/step-up/while-unlocked";
import { readContractDetails, readContractHead } from "@/lib/contracts/read";
import { decidePage, recordOpening } from "@/lib/define-action";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

type Props = { params: Promise<{ customerId: string; contractId: string }> };

/** The same before and after the step-up: a title would tell what the gate keeps. */
export const metadata: Metadata = { title: "Contract" };

export default async function ContractPage({ params }: Props) {
  const { customerId, contractId } = await params;
  const session = await requireSession();
  const read = await runningReader();
  const contract = await readContractHead(read, session.person, customerId, contractId);
  if (!contract) notFound();

  const decision = decidePage("contract.view", session);
  if (decision.outcome !== "satisfied" || !decision.until) {
    return <LockedContract customerId={customerId} contractId={contractId} viewContract={viewContract} />;
  }
  await recordOpening("contract.view", session, decision, { type: "contract", id: contractId });
  const details = await readContractDetails(read, session.person, customerId, contractId);
  if (!details) notFound();
  return (
    <WhileUnlocked until={decision.until.getTime()} lockEpoch={session.lockEpoch}>
      <ContractView contract={details} />
    </WhileUnlocked>
  );
}
