/** One row of the log: the exact text that was hashed, and its audit path (RFC 6962 § 2.1.1) from the leaf to the root. */
export type ProvenRow = {
  leaf: string;
  index: number;
  /** Base64. */
  proof: string[];
};

/** All that somebody outside needs to check, offline, what one row of the log says. */
export type ReceiptData = {
  format: "keyturn-receipt-v1";
  /** The installation's, as passkeys know it. */
  rpId: string;
  origin: string;
  /** ISO 8601. */
  madeAt: string;
  /** The log's verifier key, and its signed checkpoint (see lib/audit/log/checkpoint.ts). */
  vkey: string;
  checkpoint: string;
  row: ProvenRow;
  /** Where the passkey was enrolled; null where no passkey signed. */
  enrolment: ProvenRow | null;
  /** The exact plaintext that the row's digest is over; null once the personal values were erased. */
  opening: string | null;
  /** As the installation calls them on the day of the receipt: not proved. */
  names: { authenticator: string | null; record: string | null };
};

/** A row as its leaf says it: `keyturn-audit-leaf-v1`. Members that a receipt does not use are left out here. */
export type Leaf = {
  format: string;
  seq: number;
  id: string;
  at: string;
  actorId: string | null;
  sessionId: string | null;
  action: string;
  outcome: string;
  recordType: string | null;
  recordId: string | null;
  digest: string | null;
  factor: string | null;
  authenticatorId: string | null;
  detail: {
    assertion?: Assertion;
    /** Of an enrolment: the new passkey, and the id that it got. */
    credential?: { credentialId: string; publicKey: string };
    authenticatorId?: string;
    /** What was decided, where the row tells of whom or what that changed. */
    approval?: string;
    request?: string;
    email?: string;
    /** Of a new customer: the team that it was confirmed for. */
    team?: string;
  };
  isDemo: boolean;
};

/** What a passkey answered (WebAuthn L3 § 5.2.2), and its COSE key: all base64url. */
export type Assertion = {
  credentialId: string;
  publicKey: string;
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
};

/** The personal values of a row: `keyturn-opening-v1`. */
export type Opening = {
  format: string;
  salt: string;
  by: { name: string; email: string };
  digest: string;
  content?: string;
  nonce?: string;
  changes?: { field: string; from: string | null; to: string | null }[];
};

/** What was confirmed: `keyturn-digest-v1` (see lib/step-up/digest.ts). */
export type Content = {
  format: string;
  action: string;
  userId: string;
  sessionId: string;
  record: { type: string; id: string; version: number | null } | null;
  prompt: { purpose: string; verb: string; changes: { label: string; from: string | null; to: string }[] };
};

export type CheckName =
  | "readable"
  | "checkpoint-signature"
  | "row-in-log"
  | "allowed"
  | "opening-matches"
  | "words-match"
  | "passkey-signature"
  | "challenge"
  | "client-data"
  | "rp-id"
  | "user-verified"
  | "enrolment-in-log"
  | "same-passkey";

export type Check = {
  name: CheckName;
  /** `not-done`: it could not be done, and says nothing either way. */
  result: "passed" | "failed" | "not-done";
  sentence: string;
};

/**
 * `incomplete`: nothing contradicts, but this browser could not do all; `unsigned`: the log alone vouches;
 * `erased`: the personal values are gone.
 */
export type VerdictKind = "fits" | "incomplete" | "unsigned" | "erased" | "broken";

/** What the rows and texts say that the checks are about; null members were erased or never kept. */
export type Told = {
  row: Leaf;
  opening: Opening | null;
  content: Content | null;
  head: { origin: string; size: number } | null;
  isSigned: boolean;
};

export type Findings = {
  verdict: { kind: VerdictKind; sentence: string };
  checks: Check[];
  /** null: unreadable. */
  told: Told | null;
};
