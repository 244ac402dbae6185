import { createHash, randomBytes } from "node:crypto";
import canonicalize from "canonicalize";
import { signCheckpoint, signingKey, verifierKeyOf } from "@/lib/audit/log/checkpoint";
import { CompactRange, hashLeaf, inclusionProof } from "@/lib/audit/log/merkle";
import type { Assertion, ProvenRow, ReceiptData } from "@/lib/audit/receipt/receipt-data";
import { encodeCbor } from "@/lib/step-up/factors/passkey/encode-cbor";
import {
  type Algorithm,
  type Ceremony,
  type Faults,
  SoftwareAuthenticator,
} from "@/lib/step-up/factors/passkey/software-authenticator";

/*
 * Receipts as an installation would make them: a log of some rows, one of them confirmed, sealed and signed. Each
 * piece can be had wrong BEFORE it is hashed and signed, so that a test reaches the check that it is about.
 */

type Json = Record<string, unknown>;

/** What is to be other than right. Functions get the right value and answer the wrong one. */
export type Wrong = {
  algorithm?: Algorithm;
  /** What the passkey's device or browser gets wrong. */
  faults?: Faults;
  row?: (row: Json) => Json;
  enrolment?: (row: Json) => Json;
  opening?: (opening: Json) => Json;
  content?: (content: Json) => Json;
  assertion?: (assertion: Assertion) => Assertion;
  /** The challenge that the browser is given, in place of the one of these words. */
  challenge?: Buffer;
  /** The passkey that signs, in place of the enrolled one. */
  signer?: SoftwareAuthenticator;
  /** Confirmed with this, not with a passkey. */
  factor?: "totp" | "recovery-code" | "password" | "passkey";
  by?: { name: string; email: string };
  prompt?: { purpose: string; verb: string; changes: { label: string; from: string | null; to: string }[] };
  names?: ReceiptData["names"];
  /** Puts the enrolment after the row. */
  enrolledLater?: boolean;
};

export const site = { rpId: "keyturn.example", origin: "https://keyturn.example" };
export const logName = "keyturn.example/audit";
export const logKey = signingKey(createHash("sha256").update("the test log's key").digest());

const uuid = (n: number) => `0192f0c1-0000-7000-8000-${String(n).padStart(12, "0")}`;
const ids = { person: uuid(1), session: uuid(2), customer: uuid(3), passkey: uuid(4) };

/** A receipt of changed bank details, confirmed with a passkey unless told otherwise; with `wrong` in it. */
export async function makeReceipt(wrong: Wrong = {}): Promise<ReceiptData> {
  const authenticator = new SoftwareAuthenticator(wrong.algorithm);
  const content = canonical((wrong.content ?? same)(contentOf(wrong)));
  const nonce = randomBytes(32);
  const digest = sha256(content);
  const challenge =
    wrong.challenge ?? sha256(Buffer.concat([Buffer.from("keyturn webauthn step-up v1"), nonce, digest]));
  const assertion = assert(wrong, authenticator, { challenge, ...site });
  const opening = openingOf(wrong, { content, nonce, digest });
  const detail = wrong.factor ? {} : { assertion };
  const row = (wrong.row ?? same)(rowOf({ wrong, opening, detail }));
  const enrolment = (wrong.enrolment ?? same)(enrolmentOf(authenticator));
  const leaves = Array.from({ length: 11 }, (_, at) =>
    canonical({ ...rowOf({ wrong, opening, detail: {} }), seq: at }),
  );
  const [enrolledAt, rowAt] = wrong.enrolledLater ? [9, 7] : [4, 9];
  leaves[enrolledAt] = canonical(enrolment);
  leaves[rowAt] = canonical(row);
  const { checkpoint, prove } = sealed(leaves);
  return {
    format: "keyturn-receipt-v1",
    ...site,
    madeAt: "2026-11-24T09:30:00.000Z",
    vkey: verifierKeyOf(logName, logKey),
    checkpoint,
    row: await prove(rowAt),
    enrolment: wrong.factor ? null : await prove(enrolledAt),
    opening,
    names: wrong.names ?? { authenticator: wrong.factor ? "Phone" : "Laptop", record: "Acme GmbH" },
  };
}

/** The log of these leaves: its signed head, and a way to prove each row. */
export function sealed(leaves: readonly string[], key = logKey, origin = logName) {
  const range = CompactRange.empty();
  const stored = new Map<string, Buffer>();
  for (const leaf of leaves) {
    for (const { level, index, hash } of range.push(hashLeaf(Buffer.from(leaf))))
      stored.set(`${level}/${index}`, hash);
  }
  const prove = async (index: number): Promise<ProvenRow> => {
    const proof = await inclusionProof(index, leaves.length, async (coordinates) =>
      coordinates.map(({ level, index }) => stored.get(`${level}/${index}`) ?? Buffer.alloc(0)),
    );
    return { leaf: leaves[index] ?? "", index, proof: proof.map((hash) => hash.toString("base64")) };
  };
  return { checkpoint: signCheckpoint({ origin, size: range.size, root: range.root() }, key), prove };
}

function contentOf({ prompt }: Wrong): Json {
  const changes = [
    { label: "Account holder", from: "Acme GmbH", to: "Acme Holding GmbH" },
    { label: "IBAN", from: "DE••••••••••••••••2051", to: "DE89 3704 0044 0532 0130 00" },
  ];
  return {
    format: "keyturn-digest-v1",
    purpose: "step-up",
    action: "customer.change-bank-details",
    userId: ids.person,
    sessionId: ids.session,
    record: { type: "customer", id: ids.customer, version: 7 },
    input: { accountHolder: "Acme Holding GmbH", iban: "DE89370400440532013000" },
    prompt: prompt ?? { purpose: "to change Acme GmbH's bank details", verb: "Save", changes },
  };
}

function assert(wrong: Wrong, enrolled: SoftwareAuthenticator, asked: Ceremony): Assertion {
  const signer = wrong.signer ?? enrolled;
  const { id, response } = signer.assert(asked, wrong.faults);
  const { clientDataJSON, authenticatorData, signature } = response;
  const publicKey = encodeCbor(signer.publicKey()).toString("base64url");
  const right = { credentialId: id, publicKey, clientDataJSON, authenticatorData, signature };
  return wrong.assertion?.(right) ?? right;
}

function openingOf(wrong: Wrong, of: { content: string; nonce: Buffer; digest: Buffer }): string {
  return canonical(
    (wrong.opening ?? same)({
      format: "keyturn-opening-v1",
      salt: randomBytes(32).toString("base64url"),
      by: wrong.by ?? { name: "Theo Brandt", email: "theo@keyturn.example" },
      digest: of.digest.toString("hex"),
      content: of.content,
      ...(wrong.factor ? {} : { nonce: of.nonce.toString("base64url") }),
      changes: [{ field: "accountHolder", from: "Acme GmbH", to: "Acme Holding GmbH" }],
    }),
  );
}

function rowOf({ wrong, opening, detail }: { wrong: Wrong; opening: string; detail: Json }): Json {
  return {
    format: "keyturn-audit-leaf-v1",
    seq: 42,
    id: uuid(42),
    at: "2026-11-24T09:12:33.123456Z",
    actorId: ids.person,
    sessionId: ids.session,
    action: "customer.change-bank-details",
    outcome: "allowed",
    recordType: "customer",
    recordId: ids.customer,
    digest: sha256(opening).toString("hex"),
    factor: wrong.factor ?? "passkey",
    authenticatorId: ids.passkey,
    policyVersion: 3,
    address: "203.0.113.7",
    detail,
    sealed: "v1.k1.bm9uY2U.c2VhbGVk",
    repeats: 1,
    isDemo: false,
    mac: "00".repeat(32),
  };
}

function enrolmentOf(authenticator: SoftwareAuthenticator): Json {
  const publicKey = encodeCbor(authenticator.publicKey()).toString("base64url");
  return {
    ...rowOf({
      wrong: {},
      opening: "",
      detail: { credential: { credentialId: authenticator.id, publicKey } },
    }),
    seq: 5,
    id: uuid(5),
    at: "2026-10-01T08:00:00.000001Z",
    action: "security.enrol-factor",
    factor: "totp",
    recordType: null,
    recordId: null,
  };
}

function canonical(value: unknown): string {
  return canonicalize(value) ?? "";
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

function same<Value>(value: Value): Value {
  return value;
}
