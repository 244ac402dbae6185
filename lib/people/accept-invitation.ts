import { and, eq, isNull, not } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { recordAudit } from "@/lib/audit/record";
import { spendLink } from "@/lib/links/links";
import { environment } from "@/lib/platform/env";
import { line } from "@/lib/platform/line";
import { hashSecret } from "@/lib/platform/password-hash";
import { passwordProblem } from "@/lib/platform/password-rules";
import { definePublicCommand } from "@/lib/public-command";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import { type EnrolmentOffer, offer } from "@/lib/security/enrol";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { forgetDevices } from "@/lib/session/forget-devices";
import { type CurrentSession, prepareReadSession } from "@/lib/session/read-session";
import { createSession } from "@/lib/session/sign-in";
import { readRisks } from "@/lib/session/sign-in-risks";
import { takeTurn } from "@/lib/step-up/attempts";
import { Invalid } from "@/lib/step-up/refusal";
import { everEnrolled } from "./administrators";
import { alreadyThere, type Offered, requireOffered, revokeInvitationsTo } from "./invitation";
import { recoverAccount } from "./recover-account";
import { setPassword } from "./set-password";
import { takeTurnsToUndo, type Undone } from "./undo-pending";

const token = z.string().max(64);

/** What the page tells of a link before anything is done with it. */
export type InvitationView = {
  purpose: Offered["purpose"];
  email: string;
  name: string;
  role: Offered["role"];
  team: string | null;
  /** Null: the operator, at the host. */
  invitedBy: string | null;
};

/** Shows whom a link invites or recovers. Spends nothing. */
export const lookAtInvitation = definePublicCommand({
  name: "link.look-at-invitation",
  input: z.strictObject({ token }),
  async run(tx, input): Promise<{ data: InvitationView }> {
    const { purpose, email, name, role, team, invitedBy } = await requireOffered(tx, input.token);
    return {
      data: { purpose, email, name, role, team: team?.name ?? null, invitedBy: invitedBy?.name ?? null },
    };
  },
});

/** The account that is now signed in, and what it takes to set up its second factor at once. */
export type Accepted = {
  person: { id: string; name: string; email: string };
  offer: EnrolmentOffer;
  lockEpoch: number;
  /** The server's clock. */
  now: number;
};

/**
 * Accepts an invitation or a recovery: sets the password, signs in, and opens the ticket for the second factor. All of
 * it in one transaction with the spending of the link, so that of two who hold it one gets an account.
 */
export const acceptInvitation = definePublicCommand({
  name: "link.accept-invitation",
  input: z.strictObject({
    token,
    name: line("Your name", 120).min(1, "Enter your name."),
    password: z.string().max(1024, "Use at most 256 characters."),
  }),
  async run(tx, input, visitor): Promise<{ data: Accepted; session: CurrentCookie }> {
    const offered = await requireOffered(tx, input.token);
    const name = offered.purpose === "recovery" ? offered.name : input.name;
    const problem = passwordProblem(input.password, { email: offered.email, name });
    if (problem) throw new Invalid({ password: problem });
    const passwordHash = await hashSecret(input.password);
    // Before the link's row is locked: who disables an account has this turn when they take its links back.
    if (offered.purpose === "recovery") await takeTurnsToUndo(tx);
    await spendLink(tx, [offered.purpose], input.token);

    const { id: personId, undone } = await settleAccount(tx, offered, { name, passwordHash });
    await demandSecondFactor(tx, personId);
    // However a session begins: a link is a single factor like a password.
    const { awaits } = await readRisks(tx, {
      id: personId,
      email: offered.email,
      deviceHash: visitor.deviceHash,
    });
    const session = await createSession(tx, personId, visitor, awaits);
    const facts = await readFacts(tx, session);
    // The inviter's second factor, or the operator at the host, vouched (docs/decisions/007). Nobody vouches for
    // somebody who says to have lost everything.
    const enrolment = await offer(tx, facts, {
      factor: null,
      openedBy: "link",
      vouchedBy: null,
      vouched: offered.purpose === "invitation",
    });
    await recordAcceptance(tx, offered, facts, { address: visitor.address, undone });
    const { person, lockEpoch, now } = facts;
    return {
      data: {
        person: { id: person.id, name: person.name, email: person.email },
        offer: enrolment,
        lockEpoch,
        now: now.getTime(),
      },
      session,
    };
  },
});

type CurrentCookie = Awaited<ReturnType<typeof createSession>>;
type NewAccount = { name: string; passwordHash: string };

type Settled = { id: string; undone?: Undone };

async function settleAccount(tx: Tx, offered: Offered, account: NewAccount): Promise<Settled> {
  if (offered.purpose === "recovery") return recoverAccount(tx, offered, account.passwordHash);
  const id = offered.personId
    ? await finishAccount(tx, offered.personId, account)
    : await createAccount(tx, offered, account);
  await revokeInvitationsTo(tx, offered.email);
  return { id };
}

/** The unique address decides between two that are accepted at the same time. */
async function createAccount(tx: Tx, offered: Offered, account: NewAccount): Promise<string> {
  const { email, role, team, invitedBy } = offered;
  const [made] = await tx
    .insert(people)
    // Whom a demo's account invites is a demo's account, too: it ends with the demo.
    .values({ ...account, email, role, teamId: team?.id ?? null, isDemo: invitedBy?.isDemo ?? false })
    .onConflictDoNothing()
    .returning({ id: people.id });
  if (!made) throw new Invalid({}, alreadyThere);
  return made.id;
}

/** Somebody who left before the second factor begins anew: what was done with the old password ends. */
async function finishAccount(tx: Tx, id: string, account: NewAccount): Promise<string> {
  // An enrolment that runs beside this is seen, or finds its session ended.
  await takeTurn(tx, id);
  const open = await setPassword(
    tx,
    id,
    account.passwordHash,
    and(isNull(people.disabledAt), not(everEnrolled())),
  );
  if (!open) throw new Invalid({}, alreadyThere);
  await tx.update(people).set({ name: account.name }).where(eq(people.id, id));
  await endAllSessions(tx, id, "password-changed");
  await forgetDevices(tx, open.id);
  return open.id;
}

/** The new session as the guard reads it, within the transaction that made it. */
async function readFacts(tx: Tx, cookie: CurrentCookie): Promise<CurrentSession> {
  const facts = await prepareReadSession(tx, environment().demo)(cookie, "security.activate-factor");
  if (!facts || facts === "held") throw new Error("the new session cannot be read");
  return facts;
}

async function recordAcceptance(
  tx: Tx,
  offered: Offered,
  facts: CurrentSession,
  { address, undone }: { address: string; undone: Undone | undefined },
) {
  const { purpose, role, team, invitedBy, link, approvedBy } = offered;
  await recordAudit(tx, {
    actorId: facts.userId,
    sessionId: facts.sessionId,
    action: "link.accept-invitation",
    outcome: "allowed",
    recordType: "person",
    recordId: facts.userId,
    factor: null,
    authenticatorId: null,
    policyVersion: facts.policyVersion,
    address,
    detail: {
      purpose,
      link: link.id,
      role,
      teamId: team?.id ?? null,
      invitedBy: invitedBy?.id ?? null,
      ...(approvedBy ? { approvedBy } : {}),
      ...(undone ? { undone } : {}),
    },
  });
}
