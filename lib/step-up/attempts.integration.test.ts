import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { codeAttempts } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import {
  type Budget,
  countAttempt,
  forgiveAttempts,
  freeTries,
  type Guesser,
  restoreCodes,
} from "./attempts";

describe.each(testDatabases)("guesses on $name", ({ open }) => {
  let opened: OpenDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  function guesser(state: Partial<Guesser> = {}): Guesser {
    return { userId: randomUUID(), sessionId: randomUUID(), knownDevice: true, now: new Date(), ...state };
  }

  const guess = (who: Guesser, budget: Budget = "codes") =>
    opened.database.transaction((tx) => countAttempt(tx, who, budget));

  const burst = (guessers: Guesser[]) => Promise.all(guessers.map((who) => guess(who)));

  async function failuresOf(
    who: Pick<Guesser, "userId"> & Partial<Guesser>,
    budget: Budget = "codes",
  ): Promise<number> {
    const [row] = await opened.database
      .select({ failures: sql<number>`coalesce(sum(${codeAttempts.failures}), 0)::int` })
      .from(codeAttempts)
      .where(
        and(
          eq(codeAttempts.userId, who.userId),
          eq(codeAttempts.budget, budget),
          who.sessionId ? eq(codeAttempts.sessionId, who.sessionId) : undefined,
        ),
      );
    return row?.failures ?? 0;
  }

  /** What a session had failed before, long enough ago that no wait is left of it. */
  async function hadFailed(who: Guesser, failures: number, budget: Budget = "codes"): Promise<void> {
    const { userId, sessionId, knownDevice } = who;
    const lastFailedAt = sql`now() - interval '1 day'`;
    await opened.database
      .insert(codeAttempts)
      .values({ userId, sessionId, knownDevice, budget, failures, lastFailedAt });
  }

  it("a concurrent burst of one session cannot exceed the budget", async () => {
    const who = guesser();
    const decisions = await burst(Array.from({ length: 50 }, () => who));
    expect(decisions.filter((one) => one.allowed)).toHaveLength(freeTries);
    expect(await failuresOf(who)).toBe(freeTries);
  });

  it("a concurrent burst over fifty sessions of one user cannot exceed it either", async () => {
    const { userId } = guesser();
    const decisions = await burst(Array.from({ length: 50 }, () => guesser({ userId, knownDevice: false })));
    expect(decisions.filter((one) => one.allowed)).toHaveLength(freeTries);
    expect(await failuresOf({ userId })).toBe(freeTries);
  });

  it("a concurrent burst at the hard limit takes what is left and not one more", async () => {
    const who = guesser();
    await hadFailed(who, 99);
    const decisions = await burst(Array.from({ length: 20 }, () => who));
    expect(decisions.filter((one) => one.allowed)).toHaveLength(1);
    expect(await failuresOf(who)).toBe(100);
  });

  it("say how long to wait by the database's record of the last failure", async () => {
    const who = guesser();
    await burst(Array.from({ length: 10 }, () => who));
    const eleventh = await guess({ ...who, now: new Date() });
    if (eleventh.allowed) throw new Error("the eleventh guess had to wait");
    expect(eleventh.retryAfterSeconds).toBeGreaterThan(20);
    expect(eleventh.retryAfterSeconds).toBeLessThanOrEqual(30);
    expect((await guess({ ...who, now: new Date(Date.now() + 60_000) })).allowed).toBe(true);
  });

  it("of one user slow no other user, and of one budget no other budget", async () => {
    const who = guesser();
    await burst(Array.from({ length: 12 }, () => who));
    expect((await guess(guesser())).allowed).toBe(true);
    expect((await guess(who, "recovery")).allowed).toBe(true);
    expect((await guess(who, "password")).allowed).toBe(true);
    expect((await guess(who)).allowed).toBe(false);
  });

  it("that succeed give back their own session's failures, and nobody else's", async () => {
    const mine = guesser();
    const theirs = guesser({ userId: mine.userId });
    const other = guesser();
    for (const who of [mine, theirs, other]) await hadFailed(who, 4);
    await hadFailed(mine, 3, "recovery");
    await opened.database.transaction((tx) => forgiveAttempts(tx, mine, "codes"));
    expect(await failuresOf(mine)).toBe(0);
    expect(await failuresOf(theirs)).toBe(4);
    expect(await failuresOf(other)).toBe(4);
    expect(await failuresOf(mine, "recovery")).toBe(3);
  });

  it("of a stranger's device neither slow nor stop the owner's own", async () => {
    const owner = guesser();
    const stranger = guesser({ userId: owner.userId, knownDevice: false });
    await hadFailed(stranger, 90);
    expect(await guess(stranger)).toEqual({ allowed: false, retryAfterSeconds: null });
    expect(await guess(owner)).toEqual({ allowed: true, left: 9 });
  });

  it("of the owner's device slow the stranger's, too", async () => {
    const owner = guesser();
    await burst(Array.from({ length: 10 }, () => owner));
    expect((await guess(guesser({ userId: owner.userId, knownDevice: false }))).allowed).toBe(false);
  });

  it("stay counted when what verifies the code throws and is rolled back", async () => {
    const who = guesser();
    await opened.database.transaction(async (tx) => {
      await countAttempt(tx, who, "codes");
      const verifying = tx.transaction(async (inner) => {
        await inner.execute(sql`select 1 / 0`);
      });
      await expect(verifying).rejects.toThrow();
    });
    expect(await failuresOf(who)).toBe(1);
  });

  describe("after a passkey or a recovery code", () => {
    const restore = (who: Guesser) => opened.database.transaction((tx) => restoreCodes(tx, who.userId));

    it("are on again where they were off", async () => {
      const who = guesser();
      await hadFailed(who, 60);
      await hadFailed(guesser({ userId: who.userId, knownDevice: false }), 40);
      expect(await guess(who)).toEqual({ allowed: false, retryAfterSeconds: null });
      await restore(who);
      expect(await failuresOf({ userId: who.userId })).toBe(0);
      expect(await guess(who)).toEqual({ allowed: true, left: 9 });
    });

    it("are not forgotten where they were not off", async () => {
      const who = guesser();
      await hadFailed(who, 89);
      await restore(who);
      expect(await failuresOf(who)).toBe(89);
    });

    it("of other users and other budgets are left as they are", async () => {
      const [who, other] = [guesser(), guesser()];
      await hadFailed(who, 100);
      await hadFailed(who, 100, "recovery");
      await hadFailed(other, 100);
      await restore(who);
      expect(await failuresOf(who, "recovery")).toBe(100);
      expect(await failuresOf(other)).toBe(100);
    });
  });
});
