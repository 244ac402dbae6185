import { logSigner } from "@/lib/audit/log/log-key";
import { testSecrets } from "./pipeline";

const url = new URL("http://localhost:3000");

/** The log of the tests' installation: who signs it, and for whom its people's passkeys answer. */
export const signer = logSigner({ url, auditKey: testSecrets.auditKey });
export const rp = { id: "localhost", origin: "http://localhost:3000" };
/** A log of the same name, under another installation's key. */
export const otherSigner = logSigner({ url, auditKey: Buffer.alloc(32, 1) });
