// @ts-check
import { answerOf, undone, unsignedAnswer, verdictOf } from "./receipt-words";
import {
  bytesOf,
  equal,
  fromBase64,
  fromBase64url,
  fromHex,
  hexOf,
  isEd25519,
  isInTree,
  isSignedByCose,
  join,
  must,
  NotSupported,
  parseCanonical,
  parseCheckpoint,
  parseVerifierKey,
  sha256,
  textOf,
  toBase64url,
} from "./signed-formats";

/**
 * Runs in the receipt's page, offline: what a receipt proves, check by check. The trust starts at the log's verifier
 * key, which the reader compares with the published one; everything else has to follow from what that key signed.
 *
 * @typedef {import("./receipt-data").ReceiptData} ReceiptData
 * @typedef {import("./receipt-data").CheckName} CheckName
 * @typedef {import("./receipt-data").Check} Check
 * @typedef {import("./receipt-data").Leaf} Leaf
 * @typedef {import("./receipt-data").Findings} Findings
 * @typedef {ReturnType<typeof read>} Read
 * @typedef {Exclude<CheckName, "readable">} Checked
 */

/** @type {readonly Checked[]} */
const ofEveryRow = ["checkpoint-signature", "row-in-log", "allowed", "opening-matches", "words-match"];
/** @type {readonly Checked[]} */
export const ofSignedRows = [
  "passkey-signature",
  "challenge",
  "client-data",
  "rp-id",
  "user-verified",
  "enrolment-in-log",
  "same-passkey",
];

/**
 * Never throws: what can't be read fails as `readable`.
 * @param {unknown} data
 * @returns {Promise<Findings>}
 */
export async function verifyReceipt(data) {
  const read = tryTo(() => readReceipt(data));
  if (!read) {
    const checks = [answerOf("readable", "failed", {})];
    const of = { isSigned: false, isErased: false, isSupported: true, factor: null };
    return { verdict: verdictOf(checks, of), checks, told: null };
  }
  const { row, opening, content, checkpoint, assertion } = read;
  const isSigned = assertion !== undefined;
  const checks = [answerOf("readable", "passed", {})];
  let isSupported = true;
  for (const name of isSigned ? [...ofEveryRow, ...ofSignedRows] : ofEveryRow) {
    const { check, lacked } = await run(name, read);
    checks.push(check);
    if (lacked) isSupported = false;
  }
  if (!isSigned) checks.push(unsignedAnswer(row.factor));
  return {
    verdict: verdictOf(checks, { isSigned, isErased: opening === null, isSupported, factor: row.factor }),
    checks,
    told: { row, opening, content, head: checkpoint?.head ?? null, isSigned },
  };
}

/**
 * Each answers whether it fits. To throw is "no", but for NotSupported and Gone.
 * @type {Record<Checked, (read: Read) => boolean | Promise<boolean>>}
 */
const checksByName = {
  async "checkpoint-signature"({ receipt, checkpoint }) {
    if (!checkpoint) return false;
    const key = await parseVerifierKey(receipt.vkey);
    // The key's name is the log's, and the log is the installation's: no other log of theirs counts.
    const log = `${new URL(receipt.origin).hostname}/audit`;
    if (key.name !== log || checkpoint.head.origin !== log) return false;
    const own = checkpoint.signatures.filter(
      ({ name, bytes }) => name === key.name && equal(bytes.subarray(0, 4), key.keyId),
    );
    for (const { bytes } of own) {
      if (!(await isEd25519(key.publicKey, bytes.slice(4), bytesOf(checkpoint.text)))) return false;
    }
    return own.length > 0;
  },

  "row-in-log": ({ receipt, checkpoint }) => checkpoint !== null && isInTree(receipt.row, checkpoint.head),

  allowed: ({ row }) => row.outcome === "allowed",

  async "opening-matches"({ row, receipt }) {
    if (receipt.opening === null) throw new Gone("erased");
    return hexOf(await sha256(bytesOf(receipt.opening))) === row.digest;
  },

  async "words-match"({ row, opening, content }) {
    if (!opening) throw new Gone("erased");
    if (!content || opening.content === undefined) throw new Gone("not-kept");
    if (hexOf(await sha256(bytesOf(opening.content))) !== opening.digest) return false;
    const isSameAct =
      content.action === row.action && content.userId === row.actorId && content.sessionId === row.sessionId;
    // What makes a new record is confirmed before the record has an id.
    const { record } = content;
    if (record === null) return isSameAct;
    // What was decided may be a request, or a team's new customer: its row tells of whom or what that changed or made,
    // and names the request or the team besides.
    const isNamed = [
      ["approval", row.detail.approval],
      ["help-request", row.detail.request],
      ["invitation", row.detail.email],
      ["team", row.detail.team],
    ].some(([type, id]) => record.type === type && record.id === id);
    return isSameAct && (isNamed || (record.type === row.recordType && record.id === row.recordId));
  },

  async "passkey-signature"({ assertion }) {
    if (!assertion) return false;
    const clientData = await sha256(fromBase64url(assertion.clientDataJSON));
    const signed = join(fromBase64url(assertion.authenticatorData), clientData);
    return isSignedByCose(fromBase64url(assertion.publicKey), fromBase64url(assertion.signature), signed);
  },

  async challenge({ opening, clientData }) {
    if (!opening) throw new Gone("erased");
    const [nonce, digest] = [fromBase64url(opening.nonce ?? ""), fromHex(opening.digest)];
    must(nonce.length === 32 && digest.length === 32, "no challenge");
    const challenge = await sha256(bytesOf("keyturn webauthn step-up v1"), nonce, digest);
    return clientData().challenge === toBase64url(challenge);
  },

  "client-data"({ receipt, clientData }) {
    const { type, origin, crossOrigin = false, topOrigin } = clientData();
    return (
      type === "webauthn.get" && origin === receipt.origin && crossOrigin === false && topOrigin === undefined
    );
  },

  async "rp-id"({ receipt, authenticatorData }) {
    return equal(authenticatorData().rpIdHash, await sha256(bytesOf(receipt.rpId)));
  },

  // UP and UV (WebAuthn L3 § 6.1).
  "user-verified": ({ authenticatorData }) => (authenticatorData().flags & 0b101) === 0b101,

  "enrolment-in-log": ({ receipt, checkpoint }) =>
    receipt.enrolment !== null && checkpoint !== null && isInTree(receipt.enrolment, checkpoint.head),

  "same-passkey"({ receipt, row, enrolment, assertion }) {
    const credential = enrolment?.detail.credential;
    if (!receipt.enrolment || !enrolment || !credential || !assertion) return false;
    const isSameKey =
      credential.credentialId === assertion.credentialId && credential.publicKey === assertion.publicKey;
    // A row's own authenticator can be the one that let the new one in; the new one's id is then in the detail.
    const enrolled = enrolment.detail.authenticatorId ?? enrolment.authenticatorId;
    const isEnrolment =
      /^security\.(enrol|activate)-/.test(enrolment.action) && enrolment.outcome === "allowed";
    const isOwn = enrolment.actorId === row.actorId && enrolled === row.authenticatorId;
    return isSameKey && isEnrolment && isOwn && receipt.enrolment.index < receipt.row.index;
  },
};

/** What a check would look at was erased, or never kept. */
class Gone extends Error {
  /** @param {"erased" | "not-kept"} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/**
 * @param {Checked} name
 * @param {Read} read
 * @returns {Promise<{ check: Check, lacked?: true }>}
 */
async function run(name, read) {
  const { rpId, origin } = read.receipt;
  const named = { rpId, origin, size: read.checkpoint?.head.size };
  try {
    return { check: answerOf(name, (await checksByName[name](read)) ? "passed" : "failed", named) };
  } catch (error) {
    if (error instanceof Gone) return { check: undone(name, error.why) };
    if (error instanceof NotSupported) return { check: undone(name, "not-supported"), lacked: true };
    return { check: answerOf(name, "failed", named) };
  }
}

/** @param {unknown} data */
function readReceipt(data) {
  const receipt = /** @type {ReceiptData} */ (data);
  hasMembers(receipt, "checkpoint enrolment format madeAt names opening origin row rpId vkey");
  must(receipt.format === "keyturn-receipt-v1", "another format");
  isProvenRow(receipt.row);
  if (receipt.enrolment !== null) isProvenRow(receipt.enrolment);
  hasMembers(receipt.names, "authenticator record");
  areTexts(receipt.names.authenticator ?? "", receipt.names.record ?? "");
  areTexts(receipt.origin, receipt.rpId, receipt.madeAt, receipt.vkey, receipt.checkpoint);
  const { hostname, origin } = new URL(receipt.origin);
  must(origin === receipt.origin && `.${hostname}`.endsWith(`.${receipt.rpId}`), "a foreign RP ID");
  return read(receipt);
}

/** @param {ReceiptData} receipt */
function read(receipt) {
  const row = readLeaf(receipt.row.leaf);
  const enrolment = receipt.enrolment && readLeaf(receipt.enrolment.leaf);
  const { opening, content } = readOpening(receipt.opening);
  const { assertion } = row.detail;
  // A proof by passkey for exactly this keeps its signature; no other factor makes one.
  must(assertion === undefined || row.factor === "passkey", "a signature without a passkey");
  return {
    receipt,
    row,
    enrolment,
    opening,
    content,
    assertion,
    checkpoint: tryTo(() => parseCheckpoint(receipt.checkpoint)),
    clientData: () => JSON.parse(textOf(fromBase64url(assertion?.clientDataJSON ?? ""))),
    authenticatorData() {
      const bytes = fromBase64url(assertion?.authenticatorData ?? "");
      must(bytes.length >= 37, "authenticator data that is cut short");
      return { rpIdHash: bytes.subarray(0, 32), flags: bytes[32] ?? 0 };
    },
  };
}

/** @param {string} text @returns {Leaf} */
function readLeaf(text) {
  const leaf = parseCanonical(text, "keyturn-audit-leaf-v1");
  must(typeof leaf.at === "string" && !Number.isNaN(Date.parse(leaf.at)), "a row without a time");
  areTexts(leaf.id, leaf.action, leaf.outcome);
  must(typeof leaf.detail === "object" && leaf.detail !== null, "no row");
  for (const member of ["actorId", "recordType", "recordId", "digest", "factor", "authenticatorId"]) {
    must(leaf[member] === null || typeof leaf[member] === "string", `no ${member}`);
  }
  return leaf;
}

/** @param {string | null} text */
function readOpening(text) {
  if (text === null) return { opening: null, content: null };
  /** @type {import("./receipt-data").Opening} */
  const opening = parseCanonical(text, "keyturn-opening-v1");
  must(typeof opening.by.name === "string" && typeof opening.by.email === "string", "nobody");
  for (const { field, from, to } of opening.changes ?? []) areTexts(field, from ?? "", to ?? "");
  if (opening.content === undefined) return { opening, content: null };
  /** @type {import("./receipt-data").Content} */
  const content = parseCanonical(opening.content, "keyturn-digest-v1");
  areTexts(content.prompt.purpose, content.prompt.verb);
  for (const { label, from, to } of content.prompt.changes) areTexts(label, from ?? "", to);
  return { opening, content };
}

/** @param {object} value @param {string} names @returns {void} */
function hasMembers(value, names) {
  must(Object.keys(value).sort().join(" ") === names, "members that do not belong");
}

/** @param {import("./receipt-data").ProvenRow} row @returns {void} */
function isProvenRow(row) {
  hasMembers(row, "index leaf proof");
  must(Array.isArray(row.proof) && row.proof.length < 64, "no proof");
  for (const hash of row.proof) must(fromBase64(hash).length === 32, "not a hash");
}

/** @param {...unknown} texts @returns {void} */
function areTexts(...texts) {
  for (const text of texts) must(typeof text === "string", "not a text");
}

/** @template T @param {() => T} act @returns {T | null} */
function tryTo(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
