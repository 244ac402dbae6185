import type { KeyObject } from "node:crypto";
import { deriveKey } from "@/lib/platform/key-ring";
import { signingKey, verifierKeyOf } from "./checkpoint";

/** Who signs the log of this installation: its name is `<host>/audit`, its key comes of KEYTURN_AUDIT_KEY. */
export type LogSigner = { origin: string; key: KeyObject; vkey: string };

export function logSigner({ url, auditKey }: { url: URL; auditKey: Buffer }): LogSigner {
  const origin = `${url.host}/audit`;
  const key = signingKey(deriveKey(auditKey, "log signing key"));
  return { origin, key, vkey: verifierKeyOf(origin, key) };
}
