"use client";

import Link from "next/link";
import { roleWords } from "@/components/role-words";
import { EmailAddress } from "@/components/ui/email-address";
import { Badge, Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Facts, Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { WaysToAsk } from "@/lib/approvals/approvers";
import type { OpenApproval } from "@/lib/approvals/read";
import type { RoleChanged } from "@/lib/people/change-role";
import type { PersonDetails } from "@/lib/people/read-person";
import type { Action } from "@/lib/step-up/action-result";
import { AccountPanel } from "./account-panel";
import { type ApprovalActions, ApprovalsPanel } from "./approvals-panel";
import { HelpRequests } from "./help-requests";
import { NobodyApproves } from "./nobody-approves";
import { PersonFactors } from "./person-factors";
import { PersonSessions } from "./person-sessions";
import { PlacePanel } from "./place-panel";

export type PersonActions = {
  askToReset: Action<{ approvalId: string }>;
  changeRole: Action<RoleChanged>;
  disable: Action<null>;
  enable: Action<RoleChanged>;
  endSessions: Action<{ ended: number }>;
  answerHelp: Action<null>;
} & ApprovalActions;

type Props = {
  person: PersonDetails;
  /** An administrator's own page: nothing of it is theirs to do. */
  own: boolean;
  approvals: OpenApproval[];
  teams: string[];
  /** Whether one more administrator may be made without a second one's approval. */
  alone: boolean;
  /** By kind, why nobody could approve what is asked about this person. */
  ways: WaysToAsk;
  actions: PersonActions;
};

/** One person: what they have, where they are signed in, and what an administrator can do about it. */
export function PersonView({ person, own, approvals, teams, alone, ways, actions }: Props) {
  const { name, email, requests } = person;
  return (
    <div className="flex flex-col gap-5">
      <PageHeader title={name} back={{ href: "/admin/users", label: "People" }} meta={<Meta {...person} />} />
      {own ? (
        <Notice>
          This is your own account: another administrator changes it. Your password and factors are in
          Security.
        </Notice>
      ) : null}
      {own ? <NobodyApproves nobody={ways["reset-factors"]} /> : null}
      <ApprovalsPanel approvals={approvals} actions={actions} />
      {requests.length > 0 ? (
        <HelpRequests
          requests={requests.map((one) => ({ ...one, personId: person.id, name, email }))}
          answer={actions.answerHelp}
        />
      ) : null}
      <div className="grid items-start gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        <PersonFactors
          person={person}
          own={own}
          asked={approvals.some(({ kind }) => kind === "reset-factors")}
          nobodyApproves={ways["reset-factors"]}
          ask={actions.askToReset}
        />
        <PersonSessions person={person} own={own} end={actions.endSessions} />
        {own || person.disabled ? null : (
          <PlacePanel
            key={person.version}
            person={person}
            teams={teams}
            alone={alone}
            nobodyApproves={ways["make-administrator"]}
            change={actions.changeRole}
          />
        )}
        <AboutPanel person={person} />
        {own ? null : (
          <AccountPanel
            person={person}
            alone={alone}
            nobodyApproves={ways["make-administrator"]}
            actions={actions}
          />
        )}
      </div>
    </div>
  );
}

function Meta({ email, role, team, disabled, closedByOwner, passwordLocked }: PersonDetails) {
  return (
    <>
      <EmailAddress>{email}</EmailAddress>
      <Badge>{[roleWords[role], team?.name].filter(Boolean).join(", ")}</Badge>
      {disabled ? (
        <Badge tone="danger">{closedByOwner ? "closed by “This wasn't me”" : "disabled"}</Badge>
      ) : null}
      {passwordLocked ? <Badge tone="warn">password locked</Badge> : null}
    </>
  );
}

function AboutPanel({ person }: { person: PersonDetails }) {
  const { createdAt, lastSeenAt, secondFactorBy, customers, email } = person;
  return (
    <Panel title="Account">
      <Facts
        facts={[
          { label: "Since", value: <When at={createdAt} /> },
          { label: "Last activity", value: lastSeenAt ? <When at={lastSeenAt} /> : "never" },
          ...(secondFactorBy ? [{ label: "Second factor due", value: <When at={secondFactorBy} /> }] : []),
          { label: "Customers", value: String(customers) },
          {
            label: "Audit log",
            value: (
              <>
                <Rows name="person" of={email}>
                  What they did
                </Rows>
                {" · "}
                <Rows name="record" of={email}>
                  What was done to their account
                </Rows>
              </>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Rows({ name, of, children }: { name: "person" | "record"; of: string; children: string }) {
  return (
    <Link
      href={`/admin/audit?${new URLSearchParams({ [name]: of })}`}
      prefetch={false}
      className="inline-flex min-h-6 items-center underline underline-offset-4"
    >
      {children}
    </Link>
  );
}
