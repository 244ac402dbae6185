"use client";

import { SearchX } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button, LinkButton } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import type { WaysToAsk } from "@/lib/approvals/approvers";
import type { OpenApproval } from "@/lib/approvals/read";
import type { Invited } from "@/lib/people/invite";
import type { Named } from "@/lib/people/read";
import type { PeopleList } from "@/lib/people/read-list";
import type { OpenHelpRequest, OpenLink, OpenLinks } from "@/lib/people/read-people";
import type { Action } from "@/lib/step-up/action-result";
import { type ApprovalActions, ApprovalsPanel } from "./approvals-panel";
import { HelpRequests } from "./help-requests";
import { InviteForm } from "./invite-form";
import { LinksToHandOver } from "./links-to-hand-over";
import { NobodyApproves } from "./nobody-approves";
import { OpenLinksPanel } from "./open-links";
import { PeopleFilters } from "./people-filters";
import { peopleLink, type PeopleView as Shown } from "./people-link";
import { PeopleTable } from "./people-table";

export type PeopleActions = {
  invite: Action<Invited>;
  resend: Action<Invited>;
  revoke: Action<null>;
  answerHelp: Action<null>;
} & ApprovalActions;

type Props = {
  list: PeopleList;
  view: Shown;
  links: OpenLinks;
  requests: OpenHelpRequest[];
  approvals: OpenApproval[];
  teams: Named[];
  /** Whether one more administrator may be invited without a second one's approval. */
  alone: boolean;
  /** By kind, why nobody could approve what this administrator asks about somebody else. */
  ways: WaysToAsk;
  mailConfigured: boolean;
  actions: PeopleActions;
};

/** The people of an installation, what waits for an administrator, and who is invited. */
export function PeopleView(props: Props) {
  const { list, view, links, requests, approvals, teams, alone, ways, mailConfigured, actions } = props;
  const router = useRouter();
  const inviteField = useRef<HTMLInputElement>(null);
  const toast = useToast();
  const resend = useStepUp(actions.resend);
  const revoke = useStepUp(actions.revoke);
  // All of this page's, one an address: a newer link ends the older one, and nothing else takes it away.
  const [sent, setSent] = useState<Invited[]>([]);
  const [message, setMessage] = useState<string | null>(null);

  const told = (data: Invited) => {
    setSent((before) => [...without(before, data.email), ...(data.link ? [data] : [])]);
    if (data.waits) toast("Sent for approval");
    else if (!data.link) toast(`Invitation sent to ${data.email}`);
    router.refresh();
  };
  const sendAgain = async ({ id }: OpenLink) => {
    setMessage(null);
    const outcome = await resend({ invitationId: id });
    if (outcome.status === "done") return told(outcome.data);
    const fields = outcome.status === "invalid" ? Object.values(outcome.fields) : [];
    setMessage(fields[0] ?? outcomeWords(outcome));
  };
  const takeBack = async ({ id, email }: OpenLink) => {
    setMessage(null);
    const outcome = await revoke({ invitationId: id });
    setMessage(outcomeWords(outcome));
    if (outcome.status !== "done") return;
    setSent((before) => without(before, email));
    toast(`The link of ${email} is revoked`);
    router.refresh();
  };
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title="People"
        actions={
          <Button variant="primary" onClick={() => inviteField.current?.focus()}>
            Invite
          </Button>
        }
      />
      {mailConfigured ? null : (
        <Notice tone="warn">
          Mail is not configured (SMTP_URL), so nothing goes out. After inviting you get the link to hand over
          yourself.
        </Notice>
      )}
      <NobodyApproves nobody={ways["reset-factors"]} />
      <ApprovalsPanel approvals={approvals} actions={actions} />
      <Listed list={list} view={view} teams={teams} />
      <div className="grid gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        <InviteForm
          firstField={inviteField}
          teams={teams.map(({ name }) => name)}
          alone={alone}
          nobodyApproves={ways["make-administrator"]}
          invite={actions.invite}
          onSent={told}
        >
          <LinksToHandOver
            links={sent.flatMap(({ email, link }) => (link ? [{ label: `For ${email}`, url: link }] : []))}
            because="Each works once, within 24 hours, and is not shown again. Whoever has it gets the account."
          />
        </InviteForm>
        <div className="flex flex-col gap-5">
          <OpenLinksPanel
            links={links}
            searched={Boolean(view.q?.trim())}
            message={message}
            onSendAgain={sendAgain}
            onRevoke={takeBack}
          />
          <HelpRequests requests={requests} answer={actions.answerHelp} />
        </div>
      </div>
    </div>
  );
}

function without(sent: Invited[], email: string): Invited[] {
  return sent.filter((one) => one.email !== email);
}

function Listed({ list, view, teams }: Pick<Props, "list" | "view" | "teams">) {
  const filtered = Boolean(view.q?.trim() || view.role || view.teamId || view.show);
  return (
    <div className="flex flex-col gap-3">
      <PeopleFilters view={view} teams={teams} />
      <p role="status" className="text-ink-soft text-sm">
        {list.isMore ? "More than " : ""}
        {list.total.toLocaleString("en-GB")} {list.total === 1 ? "person" : "people"}
        {filtered ? " found" : ""}
      </p>
      {list.rows.length > 0 ? (
        <PeopleTable people={list.rows} />
      ) : (
        <EmptyState icon={SearchX} title="Nobody matches">
          Try fewer words, another spelling, or fewer filters.
        </EmptyState>
      )}
      {list.next || list.previous ? (
        <nav aria-label="Pages" className="flex gap-2">
          {list.previous ? (
            <LinkButton href={peopleLink(view, { before: list.previous })} prefetch={false}>
              Previous page
            </LinkButton>
          ) : null}
          {list.next ? (
            <LinkButton href={peopleLink(view, { after: list.next })} prefetch={false}>
              Next page
            </LinkButton>
          ) : null}
        </nav>
      ) : null}
    </div>
  );
}
