import type { Reader } from "@/db/client";
import type { KeyRing } from "@/lib/platform/key-ring";
import { logFailure } from "@/lib/platform/log";
import { readKeyFaults } from "./read-sealed";

declare global {
  var keyturnKeysMissing: boolean | undefined;
}

class KeyMissing extends Error {
  override name = "KeyMissing";
}

/**
 * Compares the key ring with what is stored, and says in the log which key is missing for what. It refuses nothing:
 * what a lost key sealed stays demanded and unavailable, and the rest goes on (docs/decisions/012).
 */
export async function checkKeys(read: Reader, ring: KeyRing): Promise<void> {
  const faults = await readKeyFaults(read, ring);
  globalThis.keyturnKeysMissing = faults.length > 0;
  for (const { keyId, because, rows } of faults) {
    const needing = Object.entries(rows).map(([column, count]) => `${count} of ${column}`);
    const what = because === "missing" ? "is not in the ring" : "has other bytes in the ring";
    const sentence = `Key ${keyId} ${what}; it sealed ${needing.join(", ")}. Put it back: see docs/operating.md, Keys`;
    logFailure("start", "keys", new KeyMissing(sentence));
  }
}

/** Whether the check at start found that a key is missing. */
export function keysMissing(): boolean {
  return globalThis.keyturnKeysMissing ?? false;
}
