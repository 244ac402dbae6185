import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { StoredRow } from "../stored";
import { Enrolments } from "./enrolments";

const [theo, passkey] = [randomUUID(), randomUUID()];
const credential = { credentialId: "Y3JlZA", publicKey: "a2V5" };
const minute = (count: number) => new Date(Date.UTC(2026, 10, 28, 10, count)).toISOString();

function row(more: Partial<StoredRow>): StoredRow {
  return {
    ...{ seq: 1, id: randomUUID(), at: minute(0), actorId: theo, sessionId: null, outcome: "allowed" },
    ...{ action: "security.activate-factor", recordType: null, recordId: null, digest: null, factor: null },
    ...{ authenticatorId: null, policyVersion: 0, address: null, detail: {}, sealed: null, repeats: 1 },
    ...{ isDemo: false, mac: null },
    ...more,
  };
}

const enrolled = row({ authenticatorId: passkey, detail: { credential } });
const today = (more: { userId?: string; suspended?: boolean; publicKey?: Buffer } = {}) => ({
  ...{ authenticatorId: passkey, userId: theo, credentialId: credential.credentialId, suspended: false },
  publicKey: Buffer.from(credential.publicKey, "base64url"),
  ...more,
});

function logged(...rows: StoredRow[]): Enrolments {
  const enrolments = new Enrolments();
  for (const one of [enrolled, ...rows]) enrolments.note(one);
  return enrolments;
}

const ends: [string, Partial<StoredRow>][] = [
  ["a removal", { action: "security.remove-factor", recordId: passkey }],
  ["a replacement", { detail: { replacedId: passkey } }],
  [
    "a reset",
    {
      ...{ action: "admin.approve", actorId: randomUUID(), recordId: theo },
      detail: { step: "approved", makes: "new-factors" },
    },
  ],
  ["a recovery", { action: "link.accept-invitation", recordId: theo, detail: { purpose: "recovery" } }],
];

describe("a passkey in the log", () => {
  it("is its person's, with the key that was enrolled", () => {
    expect(logged().faultOfToday(today())).toBeNull();
    expect(logged().faultOfToday(today({ publicKey: Buffer.from("other") }))).toContain("another key");
    expect(logged().faultOfToday(today({ userId: randomUUID() }))).toContain("another account");
    expect(new Enrolments().faultOfToday(today())).toContain("never enrolled");
  });

  it.each(ends)("has ended with %s: it neither answers nor signs from then on", (_what, end) => {
    const enrolments = logged(row({ at: minute(10), ...end }));
    expect(enrolments.faultOfToday(today())).toContain("was removed, and can answer again");
    const own = enrolments.find(theo, passkey)!;
    expect(enrolments.faultAt(own, minute(11))).toBeNull();
    expect(enrolments.faultAt(own, minute(13))).toContain("had been removed before");
  });

  it("goes on after what did not end it", () => {
    for (const end of [
      { action: "security.remove-factor", recordId: randomUUID() },
      { action: "security.remove-factor", recordId: passkey, outcome: "refused" as const },
      { action: "admin.reset-factors", recordId: theo, detail: { step: "asked" } },
      { action: "link.accept-invitation", recordId: theo, detail: { purpose: "invitation" } },
    ])
      expect(logged(row(end)).faultOfToday(today())).toBeNull();
  });

  it("that was suspended stays so", () => {
    const suspended = logged(
      row({ action: "link.not-me", recordId: theo, detail: { suspended: [passkey] } }),
    );
    expect(suspended.faultOfToday(today({ suspended: true }))).toBeNull();
    expect(suspended.faultOfToday(today())).toContain("was suspended, and can answer again");
  });
});
