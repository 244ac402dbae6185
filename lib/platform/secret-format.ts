/** The three secrets of an installation, decoded. The first key of the ring encrypts, all of them decrypt. */
export type Secrets = {
  nextAuth: string;
  encryptionKeys: { id: string; key: Buffer }[];
  auditKey: Buffer;
};

/** The same as they are written down: in environment variables and in `secrets.json`. */
export type WrittenSecrets = { nextAuth: string; encryptionKeys: string; auditKey: string };

/** Decodes the secrets, or says what is wrong with one of them: never its value, which may end in a log. */
export function parseSecrets(written: WrittenSecrets): Secrets | { problem: string } {
  if (written.nextAuth.length < 32) return { problem: "NEXTAUTH_SECRET must have at least 32 characters" };
  const auditKey = fromBase64(written.auditKey);
  if (!auditKey || auditKey.length < 32)
    return { problem: "KEYTURN_AUDIT_KEY must be at least 32 bytes in base64" };
  const encryptionKeys = parseRing(written.encryptionKeys);
  if (!encryptionKeys) {
    return {
      problem:
        "KEYTURN_ENCRYPTION_KEYS must be a comma-separated list of id:key, each key 32 bytes in base64",
    };
  }
  return { nextAuth: written.nextAuth, encryptionKeys, auditKey };
}

function parseRing(written: string): Secrets["encryptionKeys"] | undefined {
  const ring: Secrets["encryptionKeys"] = [];
  for (const entry of written.split(",")) {
    const [, id, base64] = /^\s*([\w.-]{1,32}):(\S+)\s*$/.exec(entry) ?? [];
    const key = base64 ? fromBase64(base64) : undefined;
    // Two keys of one id would make it a matter of luck which one decrypts.
    if (!id || key?.length !== 32 || ring.some((other) => other.id === id)) return undefined;
    ring.push({ id, key });
  }
  return ring;
}

/** Node drops what is not base64 in silence, so that a mistyped key would become a shorter one. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "")
    ? bytes
    : undefined;
}
