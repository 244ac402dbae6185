import type { StoredRow } from "../stored";
import { credential, type EnrolledCredential } from "./check-assertion";

export type LoggedPasskey = EnrolledCredential & {
  /** When the log saw it end, as its row has it; null: it never did. */
  endedAt: string | null;
  how: "removed" | "suspended" | null;
};

/** A passkey as its table has it today. */
export type TodaysPasskey = {
  authenticatorId: string;
  userId: string;
  credentialId: string;
  publicKey: Buffer;
  suspended: boolean;
};

/** A call that was under way may still write its row after the end: a grant lives 60 s. */
const graceMs = 2 * 60_000;

/**
 * The passkeys that a log tells of, row after row: who enrolled which, and when it ended. By person and id, for a
 * passkey that was moved to another account is that account's word from then on (threats.md 28).
 */
export class Enrolments {
  private readonly known = new Map<string, Map<string, LoggedPasskey>>();

  note(row: StoredRow): void {
    if (row.outcome !== "allowed" || row.isDemo) return;
    this.noteEnrolment(row);
    for (const { userId, ids, how } of endsIn(row)) this.end(userId, ids, how, row.at);
  }

  find(userId: string | null, authenticatorId: string | null): LoggedPasskey | undefined {
    return this.known.get(userId ?? "")?.get(authenticatorId ?? "");
  }

  /** What is wrong with a signature of this passkey at this time, ISO 8601; null: nothing. */
  faultAt(passkey: LoggedPasskey, at: string): string | null {
    if (passkey.endedAt === null || Date.parse(at) - Date.parse(passkey.endedAt) <= graceMs) return null;
    return `it was signed by a passkey that had been ${passkey.how} before`;
  }

  /** A key that somebody put in another's place confirms what it likes, from then on: so it shows here. */
  faultOfToday({ authenticatorId, userId, suspended, ...today }: TodaysPasskey): string | null {
    const known = this.find(userId, authenticatorId);
    if (!known)
      return this.isAnothers(authenticatorId)
        ? `the passkey ${authenticatorId} belongs to another account than the one that enrolled it`
        : `the passkey ${authenticatorId} was never enrolled in this log`;
    if (
      known.publicKey !== today.publicKey.toString("base64url") ||
      known.credentialId !== today.credentialId
    )
      return `the passkey ${authenticatorId} has another key than the one that was enrolled`;
    if (known.how === "removed" || (known.how === "suspended" && !suspended))
      return `the passkey ${authenticatorId} was ${known.how}, and can answer again`;
    return null;
  }

  private noteEnrolment({ actorId, authenticatorId, detail }: StoredRow): void {
    const enrolled = credential.safeParse(detailOf(detail).credential);
    if (!actorId || !authenticatorId || !enrolled.success) return;
    const own = this.known.get(actorId) ?? new Map<string, LoggedPasskey>();
    this.known.set(actorId, own.set(authenticatorId, { ...enrolled.data, endedAt: null, how: null }));
  }

  private end(userId: string | null, ids: unknown[] | "all", how: "removed" | "suspended", at: string): void {
    for (const [id, passkey] of this.known.get(userId ?? "") ?? [])
      if (passkey.how !== "removed" && (ids === "all" || ids.includes(id)))
        Object.assign(passkey, { how, endedAt: passkey.endedAt ?? at });
  }

  private isAnothers(authenticatorId: string): boolean {
    return [...this.known.values()].some((own) => own.has(authenticatorId));
  }
}

type End = { userId: string | null; ids: unknown[] | "all"; how: "removed" | "suspended" };

/** Whose passkeys an allowed row ended: a removal, a replacement, a reset, a recovery, "This wasn't me". */
function endsIn({ action, actorId, recordId, detail }: StoredRow): End[] {
  const { step, makes, purpose, replacedId, suspended } = detailOf(detail);
  if (action === "security.remove-factor") return [{ userId: actorId, ids: [recordId], how: "removed" }];
  if (action === "admin.approve" && step === "approved" && makes === "new-factors")
    return [{ userId: recordId, ids: "all", how: "removed" }];
  if (action === "link.accept-invitation" && purpose === "recovery")
    return [{ userId: recordId, ids: "all", how: "removed" }];
  if (action === "link.not-me" && Array.isArray(suspended))
    return [{ userId: actorId, ids: suspended, how: "suspended" }];
  return replacedId === undefined ? [] : [{ userId: actorId, ids: [replacedId], how: "removed" }];
}

function detailOf(detail: unknown): Record<string, unknown> {
  return typeof detail === "object" && detail !== null ? (detail as Record<string, unknown>) : {};
}
