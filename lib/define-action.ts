import type { Tx } from "@/db/client";
import type { Signed } from "@/db/schema/step-up";
import type { AuditAction } from "@/lib/audit/events";
import type { Told } from "@/lib/audit/opening";
import { recordAudit } from "@/lib/audit/record";
import { warnOfDecision } from "@/lib/notices/suspicious";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { logFailure } from "@/lib/platform/log";
import { runningDatabase } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import { requirementOf } from "@/lib/policy/policy";
import type { ActionName } from "@/lib/protected-actions";
import {
  clientAddress,
  currentSession,
  deliverCookie,
  deliverDevice,
  originAllowed,
  readSessionFor,
} from "@/lib/session/current-session";
import { rotateSecret, sessionHolds } from "@/lib/session/rotation";
import { createStepUp } from "@/lib/step-up/create-step-up";
import type { AuditEntry, Ports } from "@/lib/step-up/ports";
import { factors } from "./factors";

/** The one place where this app plugs its parts into the step-up layer. */
const ports: Ports<Person> = {
  database: runningDatabase,
  session: {
    read: (action) => readSessionFor(action as ActionName),
    rotate: rotateSecret,
    deliver: deliverCookie,
    deliverDevice,
    holds: sessionHolds,
  },
  originAllowed,
  requirementOf,
  audit: {
    record: async (tx, entry) => recordDecision(tx, entry, await clientAddress()),
  },
  get factors() {
    return factors(environment(), secrets());
  },
  get keys() {
    return secrets().encryptionKeys;
  },
  onFailure: logFailure,
};

export const { defineAction, decidePage, recordOpening, claimDownload } = createStepUp(ports);

/** The session that pages render for, and the gate's view of it. */
export { currentSession };

/** A decision of the layer: a row of this app's log, and a mail to the person where they should hear of it. */
export async function recordDecision(tx: Tx, entry: AuditEntry<Person>, address: string): Promise<void> {
  await recordAudit(tx, auditRow(entry, address), toldBy(entry));
  await warnOfDecision(tx, entry.facts.person, entry);
}

function auditRow(entry: AuditEntry<Person>, address: string) {
  const { facts, action, outcome, record, factor, authenticatorId, detail, confirmed } = entry;
  return {
    actorId: facts.userId,
    sessionId: facts.sessionId,
    action: action as AuditAction,
    outcome,
    recordType: record?.type ?? null,
    recordId: record?.id ?? null,
    factor,
    authenticatorId,
    policyVersion: facts.policyVersion,
    address,
    detail: confirmed?.signed ? { ...detail, assertion: assertionOf(confirmed.signed) } : detail,
  };
}

/** What the nonce would let anybody try guesses against is sealed with the rest. */
function assertionOf({ nonce: _, ...assertion }: Signed) {
  return assertion;
}

function toldBy({ facts, digest, personal, confirmed }: AuditEntry<Person>): Told | null {
  if (digest === null && !personal) return null;
  const { name, email } = facts.person;
  const { content, signed } = confirmed ?? {};
  return { by: { name, email }, digest, content, nonce: signed?.nonce, ...personal };
}
