import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase, Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { sessions } from "@/db/schema/sessions";
import { authenticators, evidence, grants } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import { sessionHolds } from "@/lib/session/rotation";
import type { SessionFacts } from "./facts";
import {
  consumeGrant,
  type Grant,
  type GrantBasis,
  GrantRefused,
  grantLifetimeSeconds,
  openGrant,
  wasConsumed,
} from "./grant";

const record = "c1";

describe.each(testDatabases)("a grant on $name", ({ open }) => {
  let opened: OpenDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  /** A person with an authenticator app, signed in, who has just proved it for an edit of the record. */
  async function stepUp() {
    const { database } = opened;
    const person = {
      email: `${randomUUID()}@keyturn.example`,
      name: "Theo",
      role: "employee" as const,
      passwordHash: "",
    };
    const [{ id: userId }] = await one(database.insert(people).values(person).returning({ id: people.id }));
    const expiresAt = sql`now() + interval '1 hour'`;
    const [{ id: sessionId }] = await one(
      database
        .insert(sessions)
        .values({ personId: userId, secretHash: randomUUID(), expiresAt })
        .returning({ id: sessions.id }),
    );
    const app = { userId, factor: "totp" as const, name: "Phone" };
    const [{ id: authenticatorId }] = await one(
      database.insert(authenticators).values(app).returning({ id: authenticators.id }),
    );
    const common = { userId, sessionId, lockEpoch: 0, action: "customer.edit", digest: "d" };
    const proof = { ...common, factor: "totp" as const, authenticatorId };
    const [{ id: evidenceId }] = await one(
      database.insert(evidence).values(proof).returning({ id: evidence.id }),
    );
    const lifetime = sql`now() + make_interval(secs => ${grantLifetimeSeconds})`;
    const row = { ...common, recordId: record, evidenceId, expiresAt: lifetime };
    const [{ id: grantId }] = await one(database.insert(grants).values(row).returning({ id: grants.id }));
    const holds = sessionHolds({ sessionId, lockEpoch: 0 } as SessionFacts);
    return { userId, sessionId, authenticatorId, evidenceId, grantId, holds };
  }

  type SteppedUp = Awaited<ReturnType<typeof stepUp>>;
  const bases: [string, (of: SteppedUp) => GrantBasis][] = [
    ["of a proof for exactly this", ({ grantId }) => ({ kind: "row", grantId })],
    [
      "of a proof of this session",
      ({ evidenceId }) => ({ kind: "evidence", evidenceId, maxAgeSeconds: 900 }),
    ],
    ["of being signed in", () => ({ kind: "signed-in" })],
  ];

  function grantOf(of: SteppedUp, basis: GrantBasis): Grant<"customer.edit"> {
    return openGrant({ action: "customer.edit", recordId: record, basis, sessionHolds: of.holds });
  }

  const inTransaction = (change: (tx: Tx) => Promise<void>) => opened.database.transaction(change);

  function consume(
    grant: Grant<"customer.edit">,
    name = "customer.edit",
    recordId: string | null = record,
  ): Promise<void> {
    return inTransaction((tx) => consumeGrant(tx, grant as Grant<string>, name, recordId));
  }

  const endSession = ({ sessionId }: SteppedUp) =>
    opened.database.update(sessions).set({ endedAt: sql`now()` }).where(eq(sessions.id, sessionId));

  describe.each(bases)("%s", (_, basisOf) => {
    async function given() {
      const of = await stepUp();
      return { of, grant: grantOf(of, basisOf(of)) };
    }

    it("is consumed once, for its action and record", async () => {
      const { grant } = await given();
      expect(wasConsumed(grant)).toBe(false);
      await consume(grant);
      expect(wasConsumed(grant)).toBe(true);
      await expect(consume(grant)).rejects.toThrow(GrantRefused);
    });

    it("is refused for another action", async () => {
      const { grant } = await given();
      await expect(consume(grant, "customer.archive")).rejects.toThrow(GrantRefused);
      expect(wasConsumed(grant)).toBe(false);
    });

    it("is refused for another record, and for none", async () => {
      await expect(consume((await given()).grant, "customer.edit", "c2")).rejects.toThrow(GrantRefused);
      await expect(consume((await given()).grant, "customer.edit", null)).rejects.toThrow(GrantRefused);
    });

    it("does not come back after it was tried for something else", async () => {
      const { grant } = await given();
      await expect(consume(grant, "customer.archive")).rejects.toThrow(GrantRefused);
      await expect(consume(grant)).rejects.toThrow(GrantRefused);
    });

    it("ends with Lock now", async () => {
      const { of, grant } = await given();
      await opened.database.update(sessions).set({ lockEpoch: 1 }).where(eq(sessions.id, of.sessionId));
      await expect(consume(grant)).rejects.toThrow(GrantRefused);
      expect(wasConsumed(grant)).toBe(false);
    });

    it("ends with the session", async () => {
      const { of, grant } = await given();
      await endSession(of);
      await expect(consume(grant)).rejects.toThrow(GrantRefused);
    });

    it("ends with the session's lifetime", async () => {
      const { of, grant } = await given();
      await opened.database
        .update(sessions)
        .set({ expiresAt: sql`now()` })
        .where(eq(sessions.id, of.sessionId));
      await expect(consume(grant)).rejects.toThrow(GrantRefused);
    });

    it("is of no use to another session of the same person", async () => {
      const { of, grant } = await given();
      await endSession(of);
      const expiresAt = sql`now() + interval '1 hour'`;
      await opened.database
        .insert(sessions)
        .values({ personId: of.userId, secretHash: randomUUID(), expiresAt });
      await expect(consume(grant)).rejects.toThrow(GrantRefused);
    });
  });

  describe("that nobody opened", () => {
    it.each([
      ["an empty object", {}],
      ["a frozen one", Object.freeze({})],
      [
        "one that looks like the inside of a grant",
        { action: "customer.edit", recordId: record, basis: { kind: "signed-in" }, sessionHolds: sql`true` },
      ],
    ])("is refused: %s, cast", async (_, forged) => {
      await expect(consume(forged as unknown as Grant<"customer.edit">)).rejects.toThrow(GrantRefused);
    });

    it("is refused: a copy of a real one", async () => {
      const of = await stepUp();
      const grant = grantOf(of, { kind: "signed-in" });
      for (const copy of [{ ...grant }, structuredClone(grant), Object.create(grant)]) {
        await expect(consume(copy)).rejects.toThrow(GrantRefused);
        expect(wasConsumed(copy)).toBe(false);
      }
      await consume(grant);
    });

    it("is refused: one whose row was never written", async () => {
      const of = await stepUp();
      await expect(consume(grantOf(of, { kind: "row", grantId: randomUUID() }))).rejects.toThrow(
        GrantRefused,
      );
      await expect(
        consume(grantOf(of, { kind: "evidence", evidenceId: randomUUID(), maxAgeSeconds: 900 })),
      ).rejects.toThrow(GrantRefused);
    });
  });

  describe("of a proof for exactly this", () => {
    const rowOf = (of: SteppedUp) => grantOf(of, { kind: "row", grantId: of.grantId });

    it("passes once in fifty parallel changes", async () => {
      const of = await stepUp();
      const changes = await Promise.allSettled(Array.from({ length: 50 }, () => consume(rowOf(of))));
      expect(changes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const change of changes)
        if (change.status === "rejected") expect(change.reason).toBeInstanceOf(GrantRefused);
    });

    it("is refused a second time, also through another object", async () => {
      const of = await stepUp();
      await consume(rowOf(of));
      await expect(consume(rowOf(of))).rejects.toThrow(GrantRefused);
    });

    it("is back when the change was rolled back: a failed save costs one more click, not another code", async () => {
      const of = await stepUp();
      const failing = inTransaction(async (tx) => {
        await consumeGrant(tx, rowOf(of), "customer.edit", record);
        throw new Error("the disk is full");
      });
      await expect(failing).rejects.toThrow("the disk is full");
      await consume(rowOf(of));
    });

    it("is over after its 60 s, and once it was ended", async () => {
      const late = await stepUp();
      await opened.database.update(grants).set({ expiresAt: sql`now()` }).where(eq(grants.id, late.grantId));
      await expect(consume(rowOf(late))).rejects.toThrow(GrantRefused);
      const ended = await stepUp();
      await opened.database.update(grants).set({ endedAt: sql`now()` }).where(eq(grants.id, ended.grantId));
      await expect(consume(rowOf(ended))).rejects.toThrow(GrantRefused);
      expect(grantLifetimeSeconds).toBe(60);
    });
  });

  describe("of a proof of this session", () => {
    const evidenceOf = (of: SteppedUp, maxAgeSeconds = 900) =>
      grantOf(of, { kind: "evidence", evidenceId: of.evidenceId, maxAgeSeconds });

    it("is refused when the proof has become too old in the meantime", async () => {
      const of = await stepUp();
      const provedAt = sql`now() - interval '901 seconds'`;
      await opened.database.update(evidence).set({ provedAt }).where(eq(evidence.id, of.evidenceId));
      await expect(consume(evidenceOf(of))).rejects.toThrow(GrantRefused);
      await consume(evidenceOf(of, 1000));
    });

    it.each(["removedAt", "suspendedAt"] as const)(
      "is refused when the authenticator that gave it has %s set",
      async (ended) => {
        const of = await stepUp();
        await opened.database
          .update(authenticators)
          .set({ [ended]: sql`now()` })
          .where(eq(authenticators.id, of.authenticatorId));
        await expect(consume(evidenceOf(of))).rejects.toThrow(GrantRefused);
      },
    );

    it("takes a proof that no authenticator gave: the password where there is no second factor", async () => {
      const of = await stepUp();
      await opened.database
        .update(evidence)
        .set({ factor: "password", authenticatorId: null })
        .where(eq(evidence.id, of.evidenceId));
      await consume(evidenceOf(of));
    });
  });

  describe("of a proof for exactly this, in the seconds before the change", () => {
    it.each(["removedAt", "suspendedAt"] as const)(
      "is refused when the authenticator that gave it has %s set",
      async (ended) => {
        const of = await stepUp();
        await opened.database
          .update(authenticators)
          .set({ [ended]: sql`now()` })
          .where(eq(authenticators.id, of.authenticatorId));
        await expect(consume(grantOf(of, { kind: "row", grantId: of.grantId }))).rejects.toThrow(
          GrantRefused,
        );
      },
    );
  });
});

/** The rows of an insert, the first of which is there. */
async function one<Row>(rows: PromiseLike<Row[]>): Promise<[Row]> {
  const [row] = await rows;
  if (!row) throw new Error("the row was not written");
  return [row];
}
