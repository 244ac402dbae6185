import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/*
 * The log's signed head: a tlog-checkpoint (c2sp.org/tlog-checkpoint) in a signed note (c2sp.org/signed-note) with an
 * Ed25519 key. The key's name is the log's origin: one key signs for one log.
 */

export type TreeHead = { origin: string; size: number; root: Buffer };
export type VerifierKey = { name: string; keyId: Buffer; publicKey: KeyObject };

/** Why a checkpoint does not count. `other-log`: the key did sign it, but its name is not that log's. */
export type CheckpointFault = "malformed-key" | "malformed" | "unknown-key" | "bad-signature" | "other-log";

const faultWords: Record<CheckpointFault, string> = {
  "malformed-key": "This is not a verifier key for Ed25519",
  malformed: "This is not a signed checkpoint",
  "unknown-key": "The checkpoint is not signed by this key",
  "bad-signature": "The checkpoint's signature does not fit",
  "other-log": "The checkpoint is another log's than the key's",
};

export class CheckpointError extends Error {
  override name = "CheckpointError";
  constructor(readonly fault: CheckpointFault) {
    super(faultWords[fault]);
  }
}

const ed25519Type = Buffer.of(1);
/** What stands before the 32 bytes of a key in PKCS #8 and SubjectPublicKeyInfo (RFC 8410). */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiHead = Buffer.from("302a300506032b6570032100", "hex");
/** Room for the 16 signatures that a verifier has to take, post-quantum ones of 5 kB included. */
const mostCharacters = 256 * 1024;
const name = "[^\\p{White_Space}+]+";
const vkeyForm = new RegExp(`^(${name})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]+={0,2})$`, "u");
const signatureForm = new RegExp(`^\u2014 (${name}) ([A-Za-z0-9+/]+={0,2})$`, "u");

/** The log's signing key from its 32 secret bytes (RFC 8032 § 5.1.5). */
export function signingKey(seed: Buffer): KeyObject {
  if (seed.length !== 32) throw new RangeError("an Ed25519 seed has 32 bytes");
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: "der", type: "pkcs8" });
}

/** The key's verifier key, as text to be published: `name+id+key`. `origin` is without spaces and plus. */
export function verifierKeyOf(origin: string, key: KeyObject): string {
  if (!new RegExp(`^${name}$`, "u").test(origin))
    throw new RangeError("a key's name has no spaces and no plus");
  const typed = Buffer.concat([ed25519Type, rawPublicKey(key)]);
  return `${origin}+${keyIdOf(origin, typed).toString("hex")}+${typed.toString("base64")}`;
}

/** Throws CheckpointError (`malformed-key`) for all but an Ed25519 verifier key whose id fits. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const [, origin, id, encoded] = vkeyForm.exec(vkey) ?? [];
  const typed = readBase64(encoded ?? "");
  if (!origin || typed?.length !== 33 || typed[0] !== 1 || !vkey.isWellFormed() || hasControls(vkey)) {
    throw new CheckpointError("malformed-key");
  }
  const keyId = keyIdOf(origin, typed);
  if (keyId.toString("hex") !== id) throw new CheckpointError("malformed-key");
  const der = Buffer.concat([spkiHead, typed.subarray(1)]);
  return { name: origin, keyId, publicKey: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

/** What people compare: SHA-256 of the verifier key's text, in hex, in groups of four. */
export function fingerprintOf(vkey: string): string {
  const hex = createHash("sha256").update(vkey).digest("hex");
  return (hex.match(/.{4}/g) ?? []).join(" ");
}

/** The signed note, final newline included. */
export function signCheckpoint({ origin, size, root }: TreeHead, key: KeyObject): string {
  if (!Number.isSafeInteger(size) || size < 0 || root.length !== 32)
    throw new RangeError("not the head of a tree");
  const { keyId } = parseVerifierKey(verifierKeyOf(origin, key));
  const text = `${origin}\n${size}\n${root.toString("base64")}\n`;
  const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), key)]);
  return `${text}\n\u2014 ${origin} ${signature.toString("base64")}\n`;
}

/**
 * The head that this key signed. Signatures of other keys are passed over, whatever they are; one by this key has to
 * fit. Extension lines are allowed and mean nothing. Throws CheckpointError, and nothing else.
 */
export function openCheckpoint(note: string, vkey: string): TreeHead {
  const key = parseVerifierKey(vkey);
  const { text, signatures } = parseNote(note);
  const own = signatures.filter(({ by, bytes }) => by === key.name && bytes.subarray(0, 4).equals(key.keyId));
  if (own.length === 0) throw new CheckpointError("unknown-key");
  const fits = own.every(({ bytes }) => verify(null, Buffer.from(text), key.publicKey, bytes.subarray(4)));
  if (!fits) throw new CheckpointError("bad-signature");
  const head = parseHead(text);
  if (head.origin !== key.name) throw new CheckpointError("other-log");
  return head;
}

/** The text is parted from its signatures by the last empty line. */
function parseNote(note: string) {
  const end = note.lastIndexOf("\n\n");
  const isText = note.length <= mostCharacters && note.isWellFormed() && !hasControls(note);
  if (!isText || end === -1 || !note.endsWith("\n")) throw new CheckpointError("malformed");
  const lines = note.slice(end + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const [, by, encoded] = signatureForm.exec(line) ?? [];
    const bytes = readBase64(encoded ?? "");
    if (!by || !bytes || bytes.length < 5) throw new CheckpointError("malformed");
    return { by, bytes };
  });
  return { text: note.slice(0, end + 1), signatures };
}

function parseHead(text: string): TreeHead {
  const [origin, decimal, encoded, ...extensions] = text.slice(0, -1).split("\n");
  const root = readBase64(encoded ?? "");
  const size = /^(0|[1-9]\d{0,15})$/.test(decimal ?? "") ? Number(decimal) : Number.NaN;
  if (!origin || root?.length !== 32 || !Number.isSafeInteger(size) || extensions.includes("")) {
    throw new CheckpointError("malformed");
  }
  return { origin, size, root };
}

function keyIdOf(origin: string, typedKey: Buffer): Buffer {
  return createHash("sha256").update(`${origin}\n`).update(typedKey).digest().subarray(0, 4);
}

function rawPublicKey(key: KeyObject): Buffer {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "ed25519") throw new RangeError("a log signs with Ed25519");
  return spki.subarray(spkiHead.length);
}

/** Standard base64 in its one spelling, or null: a second spelling would be a second note of the same log. */
function readBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}

function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: signed notes have none but the newline.
  return /[\u0000-\u0009\u000b-\u001f]/.test(text);
}
