import { randomBytes, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { authenticators, codeDestinations, sentCodes } from "@/db/schema/step-up";
import { maskedEmail, maskedNumber } from "@/lib/platform/masked";
import type { ChallengeFacts } from "./factor";
import { anyChallenge, describeFactor, enrolled, type Owner, subjectOf, verifies } from "./factor-contract";

import { boundToChallenge, keepSentCode, newCode } from "./sent-code/codes";
import { destinationPlace, sealDestination } from "./sent-code/destination";
import { type Channel, createSentCodeFactor } from "./sent-code/sent-code";

const ring = [{ id: "test", key: randomBytes(32) }];
const kinds = {
  "email-code": { destination: "jana@acme.example", masked: maskedEmail, shown: "j•••@acme.example" },
  "sms-code": { destination: "+491701234512", masked: maskedNumber, shown: "+49 ••• ••12" },
} as const;

function channelOf(kind: Channel["factor"], more: Partial<Channel> = {}): Channel {
  const { masked } = kinds[kind];
  return { factor: kind, available: true, masked, deliveryOf: async () => "sent", ...more };
}

type CodeOwner = Owner & { sessionId: string; id: string; gets(challenge: ChallengeFacts): Promise<string> };

/** Somebody whose code for a challenge is kept as the command that sends it does. */
async function codeOwner(opened: OpenDatabase, kind: Channel["factor"]): Promise<CodeOwner> {
  const { fact, userId } = await enrolled(opened, kind);
  const sealedDestination = sealDestination(ring, destinationPlace(userId, fact.id), kinds[kind].destination);
  await opened.database.insert(codeDestinations).values({ authenticatorId: fact.id, sealedDestination });
  const sessionId = randomUUID();
  const gets = async (challenge: ChallengeFacts) => {
    const code = newCode();
    const purpose = { userId, sessionId, boundTo: boundToChallenge(challenge) };
    await opened.database.transaction((tx) =>
      keepSentCode(tx, ring, purpose, {
        code,
        destination: kinds[kind].destination,
        authenticatorId: fact.id,
        messageId: randomUUID(),
        knownDevice: true,
      }),
    );
    return code;
  };
  return {
    id: fact.id,
    userId,
    sessionId,
    authenticators: [fact],
    now: () => new Date(),
    gets,
    answers: async (challenge) => ({ code: await gets(challenge) }),
    stored: () =>
      opened.database
        .select({ id: sentCodes.id, usedAt: sentCodes.usedAt })
        .from(sentCodes)
        .where(eq(sentCodes.userId, userId))
        .orderBy(sentCodes.id),
  };
}

for (const kind of ["email-code", "sms-code"] as const) {
  const factor = createSentCodeFactor(ring, channelOf(kind));
  const enrols = (opened: OpenDatabase) => codeOwner(opened, kind);

  describeFactor({ name: kind, factor, enrols, reusable: false, signs: false }, (opened) => {
    const types = (owner: CodeOwner, challenge: ChallengeFacts, code: string, sessionId = owner.sessionId) =>
      verifies(opened(), factor, subjectOf({ ...owner, sessionId }), challenge, { code });

    it("codes pass in whatever spelling, once", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const code = await owner.gets(challenge);
      expect(await types(owner, challenge, ` ${code.slice(0, 3)}-${code.slice(3)}`)).toMatchObject({
        accepted: true,
        authenticatorId: owner.id,
      });
      expect(await types(owner, challenge, code)).toMatchObject({ accepted: false, reason: "used" });
    });

    it("codes answer a challenge that was opened anew for the same: a typing error costs no message", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const code = await owner.gets(challenge);
      const again = { ...anyChallenge(), digest: challenge.digest };
      expect(await types(owner, again, code)).toMatchObject({ accepted: true });
    });

    it("codes answer nothing else: another action, record or input, another session, after Lock now", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const code = await owner.gets(challenge);
      const before = await owner.stored();
      expect(await types(owner, anyChallenge(), code)).toMatchObject({ reason: "wrong" });
      expect(await types(owner, { ...challenge, lockEpoch: 1 }, code)).toMatchObject({ reason: "wrong" });
      expect(await types(owner, challenge, code, randomUUID())).toMatchObject({ reason: "wrong" });
      expect(await owner.stored()).toEqual(before);
      expect(await types(owner, challenge, code)).toMatchObject({ accepted: true });
    });

    it("codes end after ten minutes by the database's clock (ASVS v5.0.0-6.5.5)", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const code = await owner.gets(challenge);
      const passes = (seconds: number) =>
        opened().database.execute(
          sql`update sent_codes set expires_at = expires_at - make_interval(secs => ${seconds}) where user_id = ${owner.userId}`,
        );
      await passes(590);
      const [row] = await opened()
        .database.select()
        .from(sentCodes)
        .where(eq(sentCodes.userId, owner.userId));
      expect(row?.expiresAt.getTime()).toBeGreaterThan(row?.createdAt.getTime() ?? 0);
      await passes(10);
      expect(await types(owner, challenge, code)).toMatchObject({ accepted: false, reason: "used" });
    });

    it("codes are void once a newer one was sent for the same", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const first = await owner.gets(challenge);
      let second = await owner.gets(challenge);
      while (second === first) second = await owner.gets(challenge);
      expect(await types(owner, challenge, first)).toMatchObject({ accepted: false, reason: "used" });
      expect(await types(owner, challenge, second)).toMatchObject({ accepted: true });
    });

    it("codes pass after the key was followed by another, and not once it left the ring", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const code = await owner.gets(challenge);
      const newer = { id: "newer", key: randomBytes(32) };
      const with_ = (keys: typeof ring) =>
        verifies(opened(), createSentCodeFactor(keys, channelOf(kind)), subjectOf(owner), challenge, {
          code,
        });
      expect(await with_([newer])).toMatchObject({ reason: "wrong" });
      expect(await with_([newer, ...ring])).toMatchObject({ accepted: true });
    });

    it("codes that were moved to somebody else's challenge answer nothing there (database writer)", async () => {
      const victim = await enrols(opened());
      const mallory = await enrols(opened());
      const [theirs, hers] = [anyChallenge(), anyChallenge()];
      await victim.gets(theirs);
      const code = await mallory.gets(hers);
      await opened().database.execute(sql`update sent_codes set code_hash =
        (select code_hash from sent_codes where user_id = ${mallory.userId}) where user_id = ${victim.userId}`);
      expect(await types(victim, theirs, code)).toMatchObject({ accepted: false, reason: "wrong" });
    });

    it("destinations that were moved to another user's row are not shown and not used (database writer)", async () => {
      const victim = await enrols(opened());
      const mallory = await enrols(opened());
      await opened().database.execute(sql`update code_destinations set sealed_destination =
        (select sealed_destination from code_destinations where authenticator_id = ${mallory.id})
        where authenticator_id = ${victim.id}`);
      expect(await factor.prepare(opened().reader, subjectOf(victim), anyChallenge())).toBeNull();
    });

    it("destinations are told masked, and what became of the message", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const { shown } = kinds[kind];
      const prepared = () => factor.prepare(opened().reader, subjectOf(owner), challenge);
      expect(await prepared()).toEqual({
        authenticatorId: owner.id,
        to: shown,
        sendInSeconds: 0,
        sent: null,
      });
      await owner.gets(challenge);
      expect(await prepared()).toMatchObject({
        to: shown,
        sendInSeconds: expect.any(Number),
        sent: { delivery: "sent" },
      });
      expect(JSON.stringify(await prepared())).not.toContain(kinds[kind].destination);
    });

    it("codes are not offered where no message of the kind leaves", async () => {
      const owner = await enrols(opened());
      const nowhere = createSentCodeFactor(ring, channelOf(kind, { available: false }));
      expect(await nowhere.prepare(opened().reader, subjectOf(owner), anyChallenge())).toBeNull();
    });

    it("codes answer nothing while a mailed reset has made them void (threats.md 20a)", async () => {
      const owner = await enrols(opened());
      const challenge = anyChallenge();
      const code = await owner.gets(challenge);
      const set = (voidSince: Date | null) =>
        opened().database.update(authenticators).set({ voidSince }).where(eq(authenticators.id, owner.id));
      await set(new Date());
      expect(await types(owner, challenge, code)).toMatchObject({ accepted: false });
      expect(await factor.prepare(opened().reader, subjectOf(owner), challenge)).toBeNull();
      await set(null);
      expect(await types(owner, challenge, code)).toMatchObject({ accepted: true });
    });

    it("codes lie nowhere that a reader of the database could use", async () => {
      const owner = await enrols(opened());
      const code = await owner.gets(anyChallenge());
      const [row] = await opened()
        .database.select()
        .from(sentCodes)
        .where(eq(sentCodes.userId, owner.userId));
      expect(JSON.stringify(row)).not.toContain(code);
    });
  });
}

describe("a new code", () => {
  it("has six digits, leading noughts included", () => {
    const codes = Array.from({ length: 3_000 }, newCode);
    for (const code of codes) expect(code).toMatch(/^\d{6}$/);
    expect(codes.some((code) => code.startsWith("0"))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(2_900);
  });
});
