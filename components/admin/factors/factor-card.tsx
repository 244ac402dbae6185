"use client";

import { useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Badge, Notice } from "@/components/ui/notice";
import { Facts, Panel } from "@/components/ui/panel";
import type { Nobody } from "@/lib/approvals/approvers";
import { NobodyApproves } from "../nobody-approves";
import type { FactorActions, ShownFactor } from "./factors-view";
import { type CodeFactor, Trial } from "./trial";

type Props = {
  card: ShownFactor;
  version: number;
  /** Something waits for a second administrator already: until it is decided, nothing else goes on. */
  waits: boolean;
  nobodyApproves: Nobody | null;
  actions: FactorActions;
};

/** One factor: what it is, how strong, who has it; and its switch. */
export function FactorCard(props: Props) {
  const { card, waits, nobodyApproves, actions } = props;
  const [open, setOpen] = useState(false);
  const canGoOn = card.needs === null && !waits && nobodyApproves === null;
  return (
    <Panel
      title={card.label}
      className="w-full"
      action={<Badge tone={card.on ? "open" : undefined}>{card.on ? "on" : "off"}</Badge>}
    >
      <div className="flex flex-col gap-3">
        <p>{card.is}</p>
        <Facts
          facts={[
            { label: "Category", value: card.category },
            {
              label: "Phishing",
              value: card.phishingResistant
                ? "Resists it: it answers this site alone"
                : "Can be typed into a false page",
            },
            { label: "NIST", value: card.nist },
            { label: "People", value: `${counted(card.have)}, ${card.used} used it in the last 30 days` },
          ]}
        />
        {card.stays ? <p className="text-ink-soft text-sm">It stays on. {card.stays}</p> : null}
        {card.needs === "gateway" ? <NoGateway on={card.on} /> : null}
        {card.on || card.needs === "gateway" ? null : <NobodyApproves nobody={nobodyApproves} />}
        {card.needs === "trial" && isCodeFactor(card.factor) ? (
          <Trial factor={card.factor} delivery={card.trial} actions={actions} />
        ) : null}
        {open ? (
          <Switch {...props} canGoOn={canGoOn} onClose={() => setOpen(false)} />
        ) : (
          <Button
            className="self-start"
            variant={card.on ? "danger" : "secondary"}
            disabled={card.on ? card.stays !== null : !canGoOn}
            onClick={() => setOpen(true)}
          >
            Switch {card.on ? "off" : "on"} {card.label}
          </Button>
        )}
      </div>
    </Panel>
  );
}

/** What the switch would do, and why it is done. */
function Switch({ card, version, actions, canGoOn, onClose }: Props & { canGoOn: boolean; onClose(): void }) {
  const { act, busy, message } = useAct(actions.change, "reason");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string | null>(null);
  const on = !card.on;
  const save = async () => {
    const input = { factor: card.factor, on, basedOn: version, reason };
    const outcome = await act(input, on ? "Asked for approval" : `${card.label} is off`);
    setError(outcome.status === "invalid" ? (outcome.fields.reason ?? null) : null);
    if (outcome.status === "done") onClose();
  };
  return (
    <form
      method="post"
      noValidate
      className="flex flex-col gap-3 border-line border-t pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {on ? (
        <p>
          Every action whose rule doesn't leave it out accepts it then. A second administrator has to approve
          it first.
        </p>
      ) : (
        <Leaves {...card} />
      )}
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <TextField
        label="Reason"
        value={reason}
        maxLength={500}
        error={error}
        hint="Kept with the policy's version, and read by auditors."
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant={on ? "primary" : "danger"} pending={busy} disabled={on && !canGoOn}>
          {on ? "Ask for approval" : "Switch it off"}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}

/** Sent by nobody: people who have nothing else can't confirm, and aren't told why by anybody but this card. */
function NoGateway({ on }: { on: boolean }) {
  const how = "Whoever runs the server does that, in the environment.";
  return on ? (
    <Notice tone="warn" title="On, but nothing is set up that could send it">
      Nobody gets a code. {how}
    </Notice>
  ) : (
    <p className="text-ink-soft text-sm">Nothing is set up that could send it. {how}</p>
  );
}

function Leaves({ leaves }: ShownFactor) {
  const { people, names, stuck } = leaves;
  const more = people - names.length;
  const way = "without a way to confirm their work or to set up another factor";
  if (people === 0) return <p>It leaves nobody {way}.</p>;
  return (
    <Notice tone="warn" title={`It leaves ${counted(people)} ${way}`}>
      {names.join(", ")}
      {more > 0 ? ` and ${more} more` : ""}. {waysOut(people - stuck, stuck)}
    </Notice>
  );
}

/** Who has something left that pays for another one, and who hasn't. */
function waysOut(able: number, stuck: number): string {
  return [
    able > 0
      ? `${counted(able)} can set up another one with what they have left, such as a recovery code.`
      : "",
    stuck > 0 ? `${counted(stuck)} will need an administrator to reset their factors.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function counted(people: number): string {
  return people === 1 ? "1 person" : `${people} people`;
}

function isCodeFactor(factor: string): factor is CodeFactor {
  return factor === "email-code" || factor === "sms-code";
}
