"use client";

import { PageHeader } from "@/components/ui/page-header";
import type { Nobody } from "@/lib/approvals/approvers";
import type { OpenApproval } from "@/lib/approvals/read";
import type { Described } from "@/lib/policy/factors/describe";
import type { FactorCard as Card } from "@/lib/policy/factors/read-factors";
import type { TrialConfirmed, TrialSent } from "@/lib/policy/factors/try-factor";
import type { Saved } from "@/lib/policy/put-in-force";
import type { Action } from "@/lib/step-up/action-result";
import type { Delivery } from "@/lib/step-up/factors/sent-code/sent-code";
import { WaitingApproval } from "../policy/waiting-approval";
import { FactorCard } from "./factor-card";

/** `trial`: what became of the message that this session's administrator tries it with; null where there is none. */
export type ShownFactor = Card & Described & { label: string; trial: Delivery | null };

export type FactorActions = {
  change: Action<Saved>;
  sendTrial: Action<TrialSent>;
  confirmTrial: Action<TrialConfirmed>;
};

type Props = {
  version: number;
  cards: ShownFactor[];
  /** What was asked for, and waits for a second administrator. */
  waiting: OpenApproval | null;
  /** Why nobody could approve that one is switched on. */
  nobodyApproves: Nobody | null;
  actions: FactorActions;
};

/** Which factors this installation has, and who has and uses them. */
export function FactorsView({ version, cards, waiting, nobodyApproves, actions }: Props) {
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title="Factors"
        meta="What people can confirm with beside their password. The Policy page says which action accepts which."
      />
      {waiting ? <WaitingApproval approval={waiting} /> : null}
      <ul className="grid gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        {cards.map((card) => (
          <li key={card.factor} className="flex">
            <FactorCard
              card={card}
              version={version}
              waits={waiting !== null}
              nobodyApproves={nobodyApproves}
              actions={actions}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}
