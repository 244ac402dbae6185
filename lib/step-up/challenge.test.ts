import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KeyRing, seal } from "@/lib/platform/key-ring";
import { protectedActions } from "@/lib/protected-actions";
import {
  type ChallengeSubject,
  challengeLifetimeSeconds,
  factsOfToken,
  misfitOf,
  openChallenge,
  readChallenge,
} from "./challenge";
import type { SessionFacts } from "./facts";

const ring: KeyRing = [{ id: "k1", key: Buffer.alloc(32, 1) }];
const now = new Date("2026-03-02T09:00:00.000Z");

const theo: SessionFacts = {
  sessionId: "5c1d1b0e-0000-4000-8000-000000000001",
  userId: "5c1d1b0e-0000-4000-8000-000000000002",
  account: "theo@keyturn.example",
  person: null,
  lockEpoch: 3,
  presentedHash: "",
  presented: "current",
  successorSeen: true,
  knownDevice: true,
  deviceHash: null,
  lastFactor: null,
  authenticators: [],
  evidence: [],
  recoveryCodesLeft: 0,
  policyVersion: 1,
  policy: {},
  now,
  expiresAt: new Date(now.getTime() + 3_600_000),
};

const digest = createHash("sha256").update("what is confirmed").digest("hex");
const subject: ChallengeSubject = {
  action: "contract.view",
  record: { type: "contract", id: "c1" },
  digest,
  requirement: protectedActions["contract.view"],
  accepted: ["totp"],
};

const open = (facts = theo, of = subject) => openChallenge(ring, facts, of).token;
const misfit = (token: string, facts = theo, of = subject) => misfitOf(readChallenge(ring, token), facts, of);
const later = (seconds: number): SessionFacts => ({ ...theo, now: new Date(now.getTime() + seconds * 1000) });

/** The token's content, sealed again with one member changed, as only this server could. */
function sealedWith(
  change: Record<string, unknown>,
  additionalData = "keyturn challenge v1",
  by = ring,
): string {
  const content = { ...readChallenge(ring, open()), ...change };
  return seal(by, Buffer.from(JSON.stringify(content)), additionalData);
}

describe("a challenge", () => {
  it("fits the call that it was opened for", () => {
    expect(misfit(open())).toBeNull();
    expect(misfit(open(theo, { ...subject, record: null }), theo, { ...subject, record: null })).toBeNull();
  });

  it("carries what it was opened for, and nothing of it in the clear", () => {
    const token = open();
    expect(readChallenge(ring, token)).toMatchObject({
      purpose: "step-up",
      action: "contract.view",
      recordId: "c1",
      digest,
    });
    const clear =
      Buffer.from(token, "utf8").toString("utf8") +
      token.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
    for (const secret of [theo.userId, theo.sessionId, digest, "contract.view"])
      expect(clear).not.toContain(secret);
  });

  it("is another one each time, since its nonce is 32 random bytes", () => {
    const nonces = Array.from({ length: 20 }, () => openChallenge(ring, theo, subject).challenge.nonce);
    expect(new Set(nonces.map((nonce) => nonce.toString("hex"))).size).toBe(20);
    expect(nonces.every((nonce) => nonce.length === 32)).toBe(true);
  });
});

describe("a passkey signs", () => {
  it("SHA-256 of label, nonce and digest, so that the proof is for exactly this", () => {
    const { challenge } = openChallenge(ring, theo, subject);
    const bytes = Buffer.concat([
      Buffer.from("keyturn webauthn step-up v1", "utf8"),
      challenge.nonce,
      Buffer.from(digest, "hex"),
    ]);
    expect(challenge.webauthnChallenge).toEqual(createHash("sha256").update(bytes).digest());
  });

  it("the same when the answer comes, read back from the token", () => {
    const { token, challenge } = openChallenge(ring, theo, subject);
    const read = readChallenge(ring, token);
    if (!read) throw new Error("the token was not read");
    expect(factsOfToken(read)).toEqual(challenge);
  });

  it("something else for another digest under the same nonce", () => {
    const read = readChallenge(ring, open());
    if (!read) throw new Error("the token was not read");
    const other = factsOfToken({
      ...read,
      digest: createHash("sha256").update("another change").digest("hex"),
    });
    expect(other.webauthnChallenge).not.toEqual(factsOfToken(read).webauthnChallenge);
  });
});

describe("a token that this server did not seal for this place", () => {
  it("is foreign after any change of a single symbol", () => {
    const token = open();
    const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...symbols), (at, symbol) => {
        fc.pre(token[at] !== symbol);
        expect(misfit(token.slice(0, at) + symbol + token.slice(at + 1))).toBe("foreign");
      }),
      { numRuns: 500 },
    );
  });

  it("is foreign when truncated anywhere, lengthened or doubled", () => {
    const token = open();
    for (let length = 0; length < token.length; length++)
      expect(misfit(token.slice(0, length))).toBe("foreign");
    for (const longer of [`${token}A`, `${token}.`, `${token}=`, ` ${token}`, token + token])
      expect(misfit(longer)).toBe("foreign");
  });

  it("is foreign whatever text it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(misfit(text)).toBe("foreign");
      }),
    );
  });

  it("is foreign under another key, also one of the same name", () => {
    const other: KeyRing = [{ id: "k1", key: randomBytes(32) }];
    expect(misfit(openChallenge(other, theo, subject).token)).toBe("foreign");
    expect(misfit(openChallenge([{ id: "k2", key: randomBytes(32) }], theo, subject).token)).toBe("foreign");
  });

  it("still opens under a retired key of the ring", () => {
    const rotated: KeyRing = [{ id: "k2", key: randomBytes(32) }, ...ring];
    expect(misfitOf(readChallenge(rotated, open()), theo, subject)).toBeNull();
  });

  it("is foreign when it was sealed for another place: an outcome, a seed, an enrolment", () => {
    for (const place of ["keyturn outcome v1:a:b", "keyturn challenge v2", ""])
      expect(misfit(sealedWith({}, place))).toBe("foreign");
    expect(misfit(sealedWith({}))).toBeNull();
  });

  it.each([
    ["of another purpose", { purpose: "sign-in" }],
    ["of no purpose", { purpose: undefined }],
    ["with a member that nobody knows", { more: 1 }],
    ["without a nonce", { nonce: undefined }],
    ["without an expiry", { expiresAt: undefined }],
    ["with an expiry as text", { expiresAt: "9999999999999" }],
    ["with a factor that isn't one", { accepted: ["sms"] }],
  ])("is foreign %s", (_, change) => {
    expect(misfit(sealedWith(change))).toBe("foreign");
  });
});

describe("a challenge that no longer fits", () => {
  it.each<[string, Partial<SessionFacts>]>([
    ["another user", { userId: "5c1d1b0e-0000-4000-8000-00000000000a" }],
    ["another session of the same user", { sessionId: "5c1d1b0e-0000-4000-8000-00000000000b" }],
  ])("is foreign to %s", (_, other) => {
    expect(misfit(open(), { ...theo, ...other })).toBe("foreign");
  });

  it.each<[string, Partial<ChallengeSubject>]>([
    ["another action", { action: "contract.edit" }],
    ["another record", { record: { type: "contract", id: "c2" } }],
    ["no record", { record: null }],
  ])("is foreign to %s", (_, other) => {
    expect(misfit(open(), theo, { ...subject, ...other })).toBe("foreign");
    expect(misfit(open(theo, { ...subject, ...other }))).toBe("foreign");
  });

  it("is foreign to a record of another type with the same id", () => {
    expect(misfit(open(), theo, { ...subject, record: { type: "customer", id: "c1" } })).toBe("foreign");
  });

  it("is expired after five minutes by the facts' clock, to the second", () => {
    expect(misfit(open(), later(challengeLifetimeSeconds - 1))).toBeNull();
    expect(misfit(open(), later(challengeLifetimeSeconds))).toBe("expired");
    expect(challengeLifetimeSeconds).toBe(300);
  });

  it("is locked after Lock now, and stays so", () => {
    expect(misfit(open(), { ...theo, lockEpoch: 4 })).toBe("locked");
    expect(misfit(open(), { ...theo, lockEpoch: 2 })).toBe("locked");
  });

  it("is changed when something else would be confirmed", () => {
    expect(
      misfit(open(), theo, { ...subject, digest: createHash("sha256").update("else").digest("hex") }),
    ).toBe("changed");
  });

  it.each([
    ["bound closer", { binding: "input" as const }],
    ["aged sooner", { maxAgeSeconds: 60 }],
    ["narrowed to a passkey", { factors: ["passkey" as const] }],
    ["closed to probation", { probation: "refused" as const }],
  ])("is changed when the requirement was %s in mid-prompt", (_, tightened) => {
    expect(misfit(open(), theo, { ...subject, requirement: { ...subject.requirement, ...tightened } })).toBe(
      "changed",
    );
  });

  it("says foreign before anything else, so that nobody learns the state of another's challenge", () => {
    const mallory = { ...later(9999), userId: "5c1d1b0e-0000-4000-8000-00000000000a", lockEpoch: 9 };
    expect(misfit(open(), mallory, { ...subject, digest: "" })).toBe("foreign");
  });
});
