"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import type { ListedPerson, OpenHelpRequest, OpenLink } from "@/lib/people/read-people";
import type { Sent } from "@/lib/people/send-invitation";
import type { Action } from "@/lib/step-up/action-result";
import { HelpRequests } from "./help-requests";
import { InviteForm, inviteField } from "./invite-form";
import { OpenLinks } from "./open-links";
import { PeopleTable } from "./people-table";

export type PeopleActions = {
  invite: Action<Sent>;
  resend: Action<Sent>;
  revoke: Action<null>;
};

type Props = {
  people: ListedPerson[];
  links: OpenLink[];
  requests: OpenHelpRequest[];
  teams: string[];
  /** Whether one more administrator may be invited now. */
  administratorAllowed: boolean;
  mailConfigured: boolean;
  actions: PeopleActions;
};

/** The people of an installation, and who is invited to it. */
export function PeopleView(props: Props) {
  const { people, links, requests, teams, administratorAllowed, mailConfigured, actions } = props;
  const router = useRouter();
  const toast = useToast();
  const resend = useStepUp(actions.resend);
  const revoke = useStepUp(actions.revoke);
  const [sent, setSent] = useState<Sent | null>(null);
  const [message, setMessage] = useState<string | null>(null);

  const told = (data: Sent) => {
    setSent(data.link ? data : null);
    if (!data.link) toast(`Invitation sent to ${data.email}`);
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
    if (sent?.email === email) setSent(null);
    toast(`The link of ${email} is revoked`);
    router.refresh();
  };
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title="People"
        actions={
          <Button variant="primary" onClick={() => document.getElementById(inviteField)?.focus()}>
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
      <PeopleTable people={people} />
      <div className="grid gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        <InviteForm
          taken={people.map(({ email }) => email)}
          teams={teams}
          administratorAllowed={administratorAllowed}
          invite={actions.invite}
          onSent={told}
        >
          {sent ? <LinkToHandOver sent={sent} /> : null}
        </InviteForm>
        <div className="flex flex-col gap-5">
          <OpenLinks links={links} message={message} onSendAgain={sendAgain} onRevoke={takeBack} />
          <HelpRequests requests={requests} />
        </div>
      </div>
    </div>
  );
}

/** Shown this once: the page keeps it no longer than it stays open, and the server keeps a hash. */
function LinkToHandOver({ sent }: { sent: Sent }) {
  return (
    <Notice tone="open" title={`Hand this link to ${sent.email}`}>
      <p>It works once, within 24 hours, and is not shown again. Whoever has it gets the account.</p>
      <p>
        <code className="break-all font-mono text-sm">{sent.link}</code>
      </p>
      <CopyButton text={sent.link ?? ""} label="Copy link" />
    </Notice>
  );
}
