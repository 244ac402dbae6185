import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { sessions } from "@/db/schema/sessions";
import { deviceFactors } from "@/db/schema/step-up";
import { readAdministrators } from "@/lib/people/administrators";
import { environment } from "@/lib/platform/env";
import { keepingOnly } from "@/lib/platform/keeping";
import { deviceName } from "@/lib/security/device-name";
import { freeTries } from "@/lib/step-up/attempts";
import { type Mail, mailTo, type NotMe, noticeTo, type Recipient } from "./outbox";

/** What of a decision says whether its person should hear of it. */
export type Decided = {
  outcome: "allowed" | "refused" | "cancelled" | "failed";
  factor: string | null;
  detail: Record<string, unknown>;
};

type Warning = Mail & { notMe: NotMe };

/** Refusals of a change that come after the proof was accepted: the code is spent all the same. */
const refusedAfterProof = new Set(["invalid", "conflict", "forbidden"]);

/** What a person is told of a decision at a prompt; null for everyday ones. Pure. */
export function warningOf({ outcome, factor, detail }: Decided): Warning | null {
  const reason = typeof detail.reason === "string" ? detail.reason : "";
  if (outcome === "refused" && reason === "too-many-tries")
    return tooManyTries("codes or passwords at a prompt");
  if (outcome === "refused" && reason === "too-many-codes")
    return {
      kind: "too-many-codes",
      subject: "Somebody keeps asking for codes to your account",
      body: "Somebody asked for email or SMS codes more often than we send them. Whoever asks is signed in with your password.",
      notMe: { did: "suspicious" },
    };
  if (outcome === "refused" && reason === "counter-went-back")
    return {
      kind: "passkey-copied",
      subject: "A passkey of yours may have been copied",
      body: "A passkey answered with a counter that had gone back. That happens when somebody uses a copy of it. It was refused.",
      notMe: { did: "suspicious" },
    };
  const accepted = outcome === "allowed" || outcome === "failed" || refusedAfterProof.has(reason);
  if (factor === "recovery-code" && accepted && outcome !== "cancelled")
    return {
      kind: "recovery-code-used",
      subject: "One of your recovery codes was used",
      body: "A recovery code of your account was used to set up another second factor.",
      notMe: { did: "recovery-code-used" },
    };
  return null;
}

function tooManyTries(what: string): Warning {
  return {
    kind: "too-many-tries",
    subject: "Too many wrong tries on your account",
    body: `Somebody typed many wrong ${what} of your account. Each was refused, and further ones have to wait.`,
    notMe: { did: "suspicious" },
  };
}

/** Tells a person of what happened at a prompt, in the transaction of its audit row. */
export async function warnOfDecision(tx: Tx, person: Recipient, decided: Decided): Promise<void> {
  const warning = warningOf(decided);
  if (warning && !(await warnedThisHour(tx, person.id, warning.kind))) await warn(tx, person, warning);
}

/** A person that nobody is. */
const nobody = "00000000-0000-4000-8000-000000000000";

/**
 * Tells a person that somebody guesses at their password: from the failure on after which further ones have to wait.
 * For an account that is not there the same is done and dropped (threats.md 23).
 */
export async function warnOfFailures(
  tx: Tx,
  person: { id: string } | null,
  email: string,
  failures: number,
): Promise<void> {
  if (failures < freeTries) return;
  const warning = tooManyTries("passwords");
  const wanted = !(await warnedThisHour(tx, person?.id ?? nobody, warning.kind)) && person !== null;
  await keepingOnly(wanted, tx, (inner) => warn(inner, { id: person?.id ?? null, email }, warning));
}

/** Tells the administrators that one address tries many accounts; once an hour, whichever address it is. */
export async function warnOfAddress(tx: Tx, network: string): Promise<void> {
  const kind = "address-limited";
  for (const { id, email } of await readAdministrators(tx)) {
    if (await warnedThisHour(tx, id, kind)) continue;
    await mailTo(
      tx,
      { personId: id, email },
      {
        kind,
        subject: "One address tries many passwords",
        body: `Hundreds of wrong passwords came from the address ${network}. Further ones from there have to wait; devices on which somebody confirmed before don't. Who was tried is in the audit log, under refused sign-ins: ${new URL("/admin/audit", environment().url)}`,
      },
    );
  }
}

type Device = { deviceHash: string; userAgent: string; address: string };

/** Tells a person of a sign-in on a device that is new to the account. The very first one is no news. */
export async function warnOfNewDevice(tx: Tx, person: Recipient, device: Device): Promise<void> {
  const [seen] = await tx
    .select({
      any: sql<boolean>`exists (select 1 from ${sessions} where ${sessions.personId} = ${person.id})`,
      here: sql<boolean>`exists (select 1 from ${sessions} where ${sessions.personId} = ${person.id}
        and ${sessions.deviceHash} = ${device.deviceHash}) or exists (select 1 from ${deviceFactors}
        where ${deviceFactors.userId} = ${person.id} and ${deviceFactors.deviceHash} = ${device.deviceHash})`,
    })
    .from(sql`(values (1)) as one(x)`);
  if (!seen?.any || seen.here) return;
  const kind = "signed-in";
  // More than one: a thief may come within the hour of the owner's own new device.
  if (await warnedThisHour(tx, person.id, kind, 5)) return;
  await warn(tx, person, {
    kind,
    subject: "Your account was used on a new device",
    body: `Somebody signed in with your password in ${deviceName(device.userAgent)}, from the address ${device.address}. Your account had not been used there before.`,
    notMe: { did: "signed-in" },
  });
}

/** One of a kind an hour is enough, of most; parallel ones wait here for one another, and then see what was written. */
async function warnedThisHour(tx: Tx, personId: string, kind: string, most = 1): Promise<boolean> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`warn ${kind} ${personId}`}, 0))`);
  const rows = await tx
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        eq(outbox.personId, personId),
        eq(outbox.kind, kind),
        sql`${outbox.createdAt} > now() - interval '1 hour'`,
      ),
    )
    .limit(most);
  return rows.length >= most;
}

function warn(tx: Tx, to: { id: string | null; email: string }, { notMe, ...mail }: Warning): Promise<void> {
  return noticeTo(tx, to, mail, notMe);
}
