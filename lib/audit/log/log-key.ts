import type { KeyObject } from "node:crypto";
import { environment } from "@/lib/platform/env";
import { deriveKey } from "@/lib/platform/key-ring";
import { secrets } from "@/lib/platform/secrets";
import type { RelyingPartyOfLog } from "./check-assertion";
import { parseVerifierKey, signingKey, verifierKeyOf } from "./checkpoint";

/** Who signs the log of this installation: its name is `<hostname>/audit`, whatever the port, its key comes of KEYTURN_AUDIT_KEY. */
export type LogSigner = {
  origin: string;
  key: KeyObject;
  /** As text, to be published. */
  vkey: string;
  /** Eight hex digits. */
  keyId: string;
  /** What it signs: rows with a MAC under this key, … */
  auditKey: Buffer;
  /** … and seeded history, where demo mode is on. */
  demo: boolean;
};

type Installation = { url: URL; auditKey: Buffer; demo?: boolean };

export function logSigner({ url, auditKey, demo = false }: Installation): LogSigner {
  const origin = `${url.hostname}/audit`;
  const key = signingKey(deriveKey(auditKey, "log signing key"));
  const vkey = verifierKeyOf(origin, key);
  return { origin, key, vkey, keyId: parseVerifierKey(vkey).keyId.toString("hex"), auditKey, demo };
}

/** This installation's log: who signs it, and for whom its people's passkeys answer. */
export function ownLog(): { signer: LogSigner; rp: RelyingPartyOfLog } {
  const { url, rpId: id, origin, demo } = environment();
  return { signer: logSigner({ url, auditKey: secrets().auditKey, demo }), rp: { id, origin } };
}
