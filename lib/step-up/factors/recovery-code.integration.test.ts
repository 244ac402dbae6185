import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { recoveryCodes } from "@/db/schema/step-up";
import { hashSecret } from "@/lib/platform/password-hash";
import { anyChallenge, describeFactor, type Owner, subjectOf, verifies } from "./factor-contract";
import { issueRecoveryCodes, lookupOf, newRecoveryCode } from "./recovery-code/codes";
import { createRecoveryCodeFactor } from "./recovery-code/recovery-code";

const factor = createRecoveryCodeFactor();

describeFactor(
  { name: "recovery-code", factor, enrols: codesOwner, reusable: false, signs: false },
  setsOfCodes,
);

/** Four codes and not ten, since argon2id takes its time. */
async function codesOwner(opened: OpenDatabase): Promise<Owner> {
  const userId = randomUUID();
  const codes = Array.from({ length: 4 }, newRecoveryCode);
  for (const text of codes) {
    const code = text.replaceAll("-", "");
    await opened.database
      .insert(recoveryCodes)
      .values({ userId, lookup: lookupOf(code), hash: await hashSecret(code) });
  }
  return {
    userId,
    authenticators: [],
    now: () => new Date(),
    answers: async () => ({ code: codes.pop() ?? "none left" }),
    stored: () =>
      opened.database
        .select()
        .from(recoveryCodes)
        .where(eq(recoveryCodes.userId, userId))
        .orderBy(recoveryCodes.id),
  };
}

function issue(opened: OpenDatabase, userId: string): Promise<string[]> {
  return opened.database.transaction((tx) => issueRecoveryCodes(tx, userId));
}

function setsOfCodes(opened: () => OpenDatabase): void {
  const types = (userId: string, code: string) => {
    const owner = { userId, authenticators: [], now: () => new Date() };
    return verifies(opened(), factor, subjectOf(owner), anyChallenge(), { code });
  };
  const left = async (userId: string) => {
    const subject = subjectOf({ userId, authenticators: [], now: () => new Date() });
    return factor.prepare(opened().reader, subject, anyChallenge());
  };

  it("codes are ten, each usable once, in any order", async () => {
    const userId = randomUUID();
    const codes = await issue(opened(), userId);
    expect(new Set(codes).size).toBe(10);
    expect(await left(userId)).toEqual({ left: 10 });
    for (const code of codes.toReversed())
      expect(await types(userId, code)).toEqual({ accepted: true, authenticatorId: null });
    for (const code of codes) expect(await types(userId, code)).toEqual({ accepted: false, reason: "used" });
    expect(await left(userId)).toBeNull();
  });

  it("codes are the same typed in small letters and without groups, and so are used then", async () => {
    const userId = randomUUID();
    const [code] = await issue(opened(), userId);
    expect(await types(userId, code!.toLowerCase().replaceAll("-", " "))).toMatchObject({ accepted: true });
    expect(await types(userId, code!)).toMatchObject({ accepted: false });
  });

  it("codes are kept as argon2id hashes with three symbols beside, and never as they are", async () => {
    const userId = randomUUID();
    const codes = await issue(opened(), userId);
    const rows = await opened().database.select().from(recoveryCodes).where(eq(recoveryCodes.userId, userId));
    for (const row of rows) {
      expect(row.hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(row.lookup).toHaveLength(3);
    }
    const kept = JSON.stringify(rows);
    for (const code of codes) expect(kept).not.toContain(code.replaceAll("-", "").slice(3));
  });

  it("codes are not their hashes: what a database reader has signs nobody in", async () => {
    const userId = randomUUID();
    await issue(opened(), userId);
    const rows = await opened().database.select().from(recoveryCodes).where(eq(recoveryCodes.userId, userId));
    for (const { hash, lookup, id } of rows) {
      for (const stolen of [hash, hash.slice(0, 128), lookup, `${lookup}0000000000000`, id]) {
        expect(await types(userId, stolen)).toMatchObject({ accepted: false });
      }
    }
    expect(await left(userId)).toEqual({ left: 10 });
  });

  it("codes of an older set are void once a newer is issued, the used ones included", async () => {
    const userId = randomUUID();
    const old = await issue(opened(), userId);
    await types(userId, old[0]!);
    const codes = await issue(opened(), userId);
    for (const code of old) expect(await types(userId, code)).toMatchObject({ accepted: false });
    expect(await left(userId)).toEqual({ left: 10 });
    expect(await types(userId, codes[0]!)).toMatchObject({ accepted: true });
  });

  it("codes are found where a used one of an older set begins alike", async () => {
    const userId = randomUUID();
    const [old] = await issue(opened(), userId);
    await types(userId, old!);
    const [code] = await issue(opened(), userId);
    await opened().database.execute(
      sql`update recovery_codes set lookup = ${code!.slice(0, 3)} where user_id = ${userId} and used_at is not null`,
    );
    expect(await types(userId, code!)).toMatchObject({ accepted: true });
  });

  it("codes of another user pass for nobody else, used or not", async () => {
    const [theo, maya] = [randomUUID(), randomUUID()];
    await issue(opened(), theo);
    const [hers] = await issue(opened(), maya);
    expect(await types(theo, hers!)).toEqual({ accepted: false, reason: "wrong" });
    expect(await types(maya, hers!)).toMatchObject({ accepted: true });
  });
}
