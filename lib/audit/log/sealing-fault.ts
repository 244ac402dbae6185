/**
 * Why an installation seals no more until somebody mends it. `other-key`: the last head was signed with another
 * KEYTURN_AUDIT_KEY, or for another host. `other-log`: the stored log did not grow from a head that was signed before.
 */
export type SealingFault = "other-key" | "other-log";

const words: Record<SealingFault, string> = {
  "other-key":
    "The log was signed last with another KEYTURN_AUDIT_KEY, or for another host of KEYTURN_URL: put them back",
  "other-log": "The stored log is not the one that was signed before: run npm run audit:verify",
};

export class SealingStopped extends Error {
  override name = "SealingStopped";
  constructor(readonly fault: SealingFault) {
    super(words[fault]);
  }
}

declare global {
  var keyturnSealingFault: SealingFault | null | undefined;
}

/** What the last turn of this process's sealer met; null: nothing that only people can mend. */
export function noteSealing(error: unknown): void {
  globalThis.keyturnSealingFault = error instanceof SealingStopped ? error.fault : null;
}

/** Why this process seals no more; null: it does, or the database is away, which shows elsewhere. */
export function sealingFault(): SealingFault | null {
  return globalThis.keyturnSealingFault ?? null;
}
