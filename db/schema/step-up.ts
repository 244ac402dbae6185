import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea } from "./bytea";

/*
 * The step-up layer's own tables. They name a user and a session by id, without a foreign key, so that the
 * layer can be lifted into another app.
 */

export const factorNames = [
  "password",
  "totp",
  "passkey",
  "recovery-code",
  "email-code",
  "sms-code",
] as const;
export type FactorName = (typeof factorNames)[number];

/** Factors of which a user enrols single things: apps, passkeys, an address, a number. */
export const enrolledFactors = ["totp", "passkey", "email-code", "sms-code"] as const;

/** One enrolled thing of a user. A removed one stays as a row: "first" is never true again (threats.md 18). */
export const authenticators = pgTable(
  "authenticators",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    factor: text({ enum: enrolledFactors }).notNull(),
    name: text().notNull(),
    /** Bound without an existing second factor: until then it confirms nothing input-bound. */
    probationUntil: timestamp({ withTimezone: true }),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    lastUsedAt: timestamp({ withTimezone: true }),
    suspendedAt: timestamp({ withTimezone: true }),
    /** Since a mailed reset: codes by mail confirm nothing until something else has (threats.md 20a). */
    voidSince: timestamp({ withTimezone: true }),
    removedAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("authenticators_user").on(t.userId)],
);

export const totpSeeds = pgTable("totp_seeds", {
  authenticatorId: uuid()
    .primaryKey()
    .references(() => authenticators.id),
  /** AES-256-GCM under the key ring; additional data = user id and authenticator id. */
  sealedSeed: text().notNull(),
});

/** The last time step a user spent, over all of their authenticator apps and surfaces (RFC 6238 § 5.2). */
export const totpSteps = pgTable("totp_steps", {
  userId: uuid().primaryKey(),
  lastStep: bigint({ mode: "number" }).notNull(),
});

export const passkeys = pgTable(
  "passkeys",
  {
    authenticatorId: uuid()
      .primaryKey()
      .references(() => authenticators.id),
    /** Base64url; globally unique (WebAuthn L3 § 7.1 step 26). */
    credentialId: text().notNull(),
    /** COSE key as enrolled. */
    publicKey: bytea().notNull(),
    counter: bigint({ mode: "number" }).notNull(),
    transports: text().array().notNull().default(sql`'{}'::text[]`),
    aaguid: text().notNull(),
    backupEligible: boolean().notNull(),
    backedUp: boolean().notNull(),
  },
  (t) => [uniqueIndex("passkeys_credential_unique").on(t.credentialId)],
);

/** Random WebAuthn user handles, so that the credential on the device names no account id. */
export const userHandles = pgTable("user_handles", {
  userId: uuid().primaryKey(),
  handle: text().notNull().unique(),
});

export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    /** The code's first three symbols: finds the one hash to compare with. */
    lookup: text().notNull(),
    /** argon2id, in PHC form. */
    hash: text().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    usedAt: timestamp({ withTimezone: true }),
    /** Replaced by a newer set. */
    revokedAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("recovery_codes_user").on(t.userId)],
);

/** What is needed to check a passkey's signature again later (all base64url). */
export type Signed = {
  credentialId: string;
  publicKey: string;
  nonce: string;
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
};

/** This session proved this factor with this authenticator at this time. */
export const evidence = pgTable(
  "evidence",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    sessionId: uuid().notNull(),
    lockEpoch: integer().notNull(),
    factor: text({ enum: factorNames }).notNull(),
    authenticatorId: uuid(),
    /** What the proof was given for. */
    action: text().notNull(),
    digest: text().notNull(),
    /** A passkey's assertion: the save that follows may fail, and the next one tells of it. */
    signed: jsonb().$type<Signed>(),
    provedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index("evidence_session").on(t.sessionId)],
);

/** Challenge nonces that were answered. Kept an hour past the challenge's expiry, by the database's clock. */
export const spentNonces = pgTable(
  "spent_nonces",
  {
    nonceHash: text().primaryKey(),
    forgetAt: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [index("spent_nonces_forget").on(t.forgetAt)],
);

/** The permission that a proof yields: lives 60 s, consumed once, in the change's own transaction. */
export const grants = pgTable(
  "grants",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    sessionId: uuid().notNull(),
    lockEpoch: integer().notNull(),
    action: text().notNull(),
    recordId: text(),
    digest: text().notNull(),
    evidenceId: uuid().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    consumedAt: timestamp({ withTimezone: true }),
    endedAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("grants_session_digest").on(t.sessionId, t.digest)],
);

/** Tries with guessable factors, per user, budget and session (threats.md 10). */
export const codeAttempts = pgTable(
  "code_attempts",
  {
    userId: uuid().notNull(),
    budget: text({ enum: ["codes", "recovery", "password", "mail"] }).notNull(),
    sessionId: uuid().notNull(),
    /** From a device this user had signed in on before: draws on the reserve. */
    knownDevice: boolean().notNull(),
    failures: integer().notNull().default(0),
    lastFailedAt: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.budget, t.sessionId] })],
);

/** Locked by every counted try of a user, so that parallel tries queue here. */
export const attemptLocks = pgTable("attempt_locks", {
  userId: uuid().primaryKey(),
});

/** The outcome of a call, handed to a repeat of the same call: a lost answer is not a second change. */
export const callOutcomes = pgTable(
  "call_outcomes",
  {
    sessionId: uuid().notNull(),
    callId: uuid().notNull(),
    action: text().notNull(),
    digest: text().notNull(),
    /** The answer, sealed: it may hold a setup key or recovery codes. */
    sealedResult: text().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.callId] })],
);

/** Where the codes of an authenticator of the kinds email-code and sms-code go. */
export const codeDestinations = pgTable("code_destinations", {
  authenticatorId: uuid()
    .primaryKey()
    .references(() => authenticators.id),
  /** The verified address or number (E.164), sealed; additional data = user id and authenticator id. */
  sealedDestination: text().notNull(),
});

/** A code that was sent: bound to one session and to what one challenge confirms, used once. */
export const sentCodes = pgTable(
  "sent_codes",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    sessionId: uuid().notNull(),
    /** null: it verifies an address or a number that is being set up. */
    authenticatorId: uuid(),
    /** Hash of what it was sent for (what a challenge confirms, or a ticket): elsewhere it confirms nothing. */
    challengeHash: text().notNull(),
    /** HMAC under the key ring: six digits can all be tried against a bare hash. */
    codeHash: text().notNull(),
    /** The message in the outbox: whether it could be delivered is told in the prompt. */
    messageId: uuid(),
    /** Asked for on a device that this user had proved a factor on: strangers use up none of its share. */
    knownDevice: boolean().notNull(),
    /** HMAC under the key ring of where it went: numbers can all be tried against a bare hash. Limits count by it. */
    destinationHash: text(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** A newer code for the same ends it early. */
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    usedAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    index("sent_codes_session").on(t.sessionId),
    index("sent_codes_user").on(t.userId, t.createdAt),
    index("sent_codes_destination").on(t.destinationHash, t.createdAt),
  ],
);

/** A ticket for binding one authenticator, opened by a proof for exactly this. */
export const enrolments = pgTable(
  "enrolments",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid().notNull(),
    sessionId: uuid().notNull(),
    lockEpoch: integer().notNull(),
    /** What may be bound with it; null: any kind. */
    factor: text({ enum: enrolledFactors }),
    /** What vouched for it: a proof, or a link that somebody with a second factor (or the operator) sent. */
    openedBy: text({ enum: [...factorNames, "link"] }).notNull(),
    /** The lost authenticator that goes in the same step, where a recovery code pays. */
    replaces: uuid().references(() => authenticators.id),
    /** Hash of the code that was mailed along; null where none is needed. */
    mailedCodeHash: text(),
    mailConfirmedAt: timestamp({ withTimezone: true }),
    /** No second factor vouched for it: what it binds is on probation. */
    onProbation: boolean().notNull(),
    /** The seed offered for an authenticator app, sealed like totp_seeds with this row's id; empty once completed. */
    sealedSeed: text().notNull(),
    /** The address or number that a code was sent to last, sealed: typing that code verifies it. */
    sealedDestination: text(),
    /** Base64url, for the passkey registration ceremony. */
    webauthnChallenge: text().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    completedAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("enrolments_user").on(t.userId)],
);

/** What was shown of a record under which elevation, so that re-rendering adds no audit row. */
export const openings = pgTable(
  "openings",
  {
    sessionId: uuid().notNull(),
    action: text().notNull(),
    recordId: text().notNull(),
    evidenceId: uuid().notNull(),
    openedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.action, t.recordId, t.evidenceId] })],
);

/** A file that a confirmed action opened for one download: by the same session, within a minute, once. */
export const downloads = pgTable(
  "downloads",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** SHA-256 (hex) of the token that the answer to the confirmed call carries. */
    tokenHash: text().notNull(),
    userId: uuid().notNull(),
    sessionId: uuid().notNull(),
    lockEpoch: integer().notNull(),
    action: text().notNull(),
    /** What was confirmed, and therefore goes out: the action's own shape. */
    content: jsonb().notNull(),
    /** What confirmed it. */
    factor: text({ enum: factorNames }),
    authenticatorId: uuid(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    claimedAt: timestamp({ withTimezone: true }),
  },
  (t) => [uniqueIndex("downloads_token").on(t.tokenHash)],
);

/** Which factor a user last proved on a device: the prompt offers it first. A new sign-in there may ask for none. */
export const deviceFactors = pgTable(
  "device_factors",
  {
    deviceHash: text().notNull(),
    userId: uuid().notNull(),
    /** Names it in the user's own list. */
    id: uuid().notNull().defaultRandom(),
    lastFactor: text({ enum: factorNames }),
    /** The last proof of a passkey or an app there since a change of factors: codes that are sent show no device. */
    provedAt: timestamp({ withTimezone: true }),
    firstSeenAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.deviceHash, t.userId] }), index("device_factors_user").on(t.userId)],
);
