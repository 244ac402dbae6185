import { randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { generate } from "otplib";
import { expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { authenticators, totpSeeds, totpSteps } from "@/db/schema/step-up";
import type { AuthenticatorFact } from "../facts";
import { anyChallenge, describeFactor, enrolled, type Owner, subjectOf, verifies } from "./factor-contract";
import { newSeed, sealSeed } from "./totp/seed";
import { spendStep, stepSeconds } from "./totp/steps";
import { createTotpFactor } from "./totp/totp";

const ring = [{ id: "test", key: randomBytes(32) }];
const factor = createTotpFactor(ring);
const start = Math.floor(Date.parse("2026-11-24T12:00:00Z") / 1000 / stepSeconds);
const during = (step: number, second = 10) => new Date((step * stepSeconds + second) * 1000);

describeFactor({ name: "totp", factor, enrols: appOwner, reusable: false, signs: false }, codesOfApps);

async function addApp(opened: OpenDatabase, userId?: string) {
  const seed = newSeed();
  const { fact, userId: owner } = await enrolled(opened, "totp", userId);
  await opened.database
    .insert(totpSeeds)
    .values({ authenticatorId: fact.id, sealedSeed: sealSeed(ring, owner, fact.id, seed) });
  return {
    fact,
    seed,
    userId: owner,
    code: (step: number) => generate({ secret: seed, epoch: step * stepSeconds }),
  };
}

async function appOwner(opened: OpenDatabase): Promise<Owner> {
  const app = await addApp(opened);
  let step = start;
  return {
    userId: app.userId,
    authenticators: [app.fact],
    now: () => during(step),
    async answers() {
      step += 1;
      return { code: await app.code(step) };
    },
    stored: () => opened.database.select().from(totpSteps).where(eq(totpSteps.userId, app.userId)),
  };
}

function codesOfApps(opened: () => OpenDatabase): void {
  type App = Awaited<ReturnType<typeof addApp>>;
  const types = (
    apps: App[],
    code: string,
    now: Date,
    authenticatorFacts: AuthenticatorFact[] = apps.map((app) => app.fact),
  ) => {
    const owner = { userId: apps[0]!.userId, authenticators: authenticatorFacts, now: () => now };
    return verifies(opened(), factor, subjectOf(owner), anyChallenge(), { code });
  };

  it("codes pass in the step before and after, and not two steps away (ASVS 6.5.5, a stated deviation)", async () => {
    const verdicts = [];
    for (const away of [-2, -1, 0, 1, 2]) {
      const app = await addApp(opened());
      verdicts.push((await types([app], await app.code(start + away), during(start))).accepted);
    }
    expect(verdicts).toEqual([false, true, true, true, false]);
  });

  it("codes pass once in whatever spelling: padded, spaced, dashed, full width (Vault CVE-2025-6015)", async () => {
    const app = await addApp(opened());
    const code = await app.code(start);
    expect(await types([app], code, during(start))).toMatchObject({ accepted: true });
    const fullWidth = code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    for (const typed of [
      code,
      ` ${code} `,
      `${code.slice(0, 3)} ${code.slice(3)}`,
      `${code.slice(0, 3)}-${code.slice(3)}`,
      fullWidth,
    ]) {
      expect(await types([app], typed, during(start))).toMatchObject({ accepted: false, reason: "used" });
    }
  });

  it("codes never pass again once a later step passed", async () => {
    const app = await addApp(opened());
    expect(await types([app], await app.code(start + 1), during(start))).toMatchObject({ accepted: true });
    expect(await types([app], await app.code(start), during(start))).toMatchObject({
      accepted: false,
      reason: "used",
    });
    expect(await types([app], await app.code(start + 2), during(start + 1))).toMatchObject({
      accepted: true,
    });
  });

  it("codes say how long to wait when they are used: until the next code is on the display", async () => {
    const app = await addApp(opened());
    const code = await app.code(start);
    await types([app], code, during(start, 4));
    expect(await types([app], code, during(start, 4))).toMatchObject({
      reason: "used",
      retryAfterSeconds: 26,
    });
    expect(await types([app], code, during(start + 1, 4))).toMatchObject({
      reason: "used",
      retryAfterSeconds: 1,
    });
  });

  it("codes spend the step for all apps of their user, and of no one else (ASVS v5.0.0-6.5.1)", async () => {
    const phone = await addApp(opened());
    const tablet = await addApp(opened(), phone.userId);
    const stranger = await addApp(opened());
    const both = [phone, tablet];
    expect(await types(both, await tablet.code(start), during(start))).toMatchObject({
      authenticatorId: tablet.fact.id,
    });
    expect(await types(both, await phone.code(start), during(start))).toMatchObject({ reason: "used" });
    expect(await types([stranger], await stranger.code(start), during(start))).toMatchObject({
      accepted: true,
    });
    expect(await types(both, await phone.code(start + 1), during(start))).toMatchObject({
      authenticatorId: phone.fact.id,
    });
  });

  it("codes are used once they have activated an app", async () => {
    const app = await addApp(opened());
    await opened().database.transaction(async (tx) => {
      expect(await spendStep(tx, app.userId, start)).toBe(true);
      expect(await spendStep(tx, app.userId, start)).toBe(false);
      expect(await spendStep(tx, app.userId, start - 1)).toBe(false);
    });
    expect(await types([app], await app.code(start), during(start))).toMatchObject({ reason: "used" });
  });

  it("codes lose nothing by a wrong one before them", async () => {
    const app = await addApp(opened());
    const right = await app.code(start);
    const wrong = right === "000000" ? "000001" : "000000";
    expect(await types([app], wrong, during(start))).toMatchObject({ accepted: false, reason: "wrong" });
    expect(await types([app], right, during(start))).toMatchObject({ accepted: true });
  });

  it("codes are compared at the database's clock, whatever this machine's says", async () => {
    const app = await addApp(opened());
    const longAgo = start - 1_000_000;
    expect(await types([app], await app.code(longAgo), during(longAgo))).toMatchObject({ accepted: true });
  });

  it("codes don't pass with a seed that was moved into another user's row (database writer)", async () => {
    const theo = await addApp(opened());
    const mallory = await addApp(opened());
    await opened().database.execute(
      sql`update totp_seeds set sealed_seed = (select sealed_seed from totp_seeds where authenticator_id = ${mallory.fact.id}) where authenticator_id = ${theo.fact.id}`,
    );
    const verdict = await types([theo], await mallory.code(start), during(start));
    expect(verdict).toEqual({
      accepted: false,
      reason: "unavailable",
      audit: `the seed of ${theo.fact.id} does not open`,
      broken: true,
    });
  });

  it("codes don't pass with an authenticator that was moved to another user (database writer)", async () => {
    const mallory = await addApp(opened());
    const theo = await addApp(opened());
    await opened()
      .database.update(authenticators)
      .set({ userId: theo.userId })
      .where(eq(authenticators.id, mallory.fact.id));
    expect(await types([theo, mallory], await mallory.code(start), during(start))).toMatchObject({
      accepted: false,
    });
  });

  it("codes pass with the other app when one's key has left the ring", async () => {
    const phone = await addApp(opened());
    const lost = await addApp(opened(), phone.userId);
    const sealedSeed = sealSeed(
      [{ id: "gone", key: randomBytes(32) }],
      phone.userId,
      lost.fact.id,
      lost.seed,
    );
    await opened()
      .database.update(totpSeeds)
      .set({ sealedSeed })
      .where(eq(totpSeeds.authenticatorId, lost.fact.id));
    const both = [lost, phone];
    const code = await phone.code(start);
    const wrong = code === "000000" ? "000001" : "000000";
    expect(await types(both, wrong, during(start))).toMatchObject({
      reason: "wrong",
      audit: expect.stringContaining(lost.fact.id),
    });
    expect(await types(both, code, during(start))).toMatchObject({
      accepted: true,
      authenticatorId: phone.fact.id,
    });
  });

  it("codes are asked for by the names of the apps, whatever else the user has", async () => {
    const app = await addApp(opened());
    const { fact: passkey } = await enrolled(opened(), "passkey", app.userId);
    const subject = subjectOf({
      userId: app.userId,
      authenticators: [passkey, app.fact],
      now: () => during(start),
    });
    expect(await factor.prepare(opened().reader, subject, anyChallenge())).toEqual({ names: ["A totp"] });
  });
}
