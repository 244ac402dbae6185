import { createHash, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emailChanges } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { type NotMe, noticeTo } from "@/lib/notices/outbox";
import { signIn } from "@/lib/session/sign-in";
import { password, type Someone, World } from "@/lib/testing/pipeline";
import { completeReset } from "../reset/complete-reset";
import { requestReset } from "../reset/request-reset";
import { lookAtNotMe } from "./look-at-not-me";
import { notMe } from "./not-me";

const next = "seven bridges over the Pregel";
const mail = { kind: "test", subject: "Something was done", body: "It was." };
const isOver = {
  status: "invalid",
  message: "This link has expired or was used already. Ask for a new one.",
};

describe.each(testDatabases.map(({ name }) => name))("“This wasn't me” on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const reports = (token: string) => world.visits(notMe, { token });

  /** A notice of something, and the token in it. */
  async function noticed(someone: Someone, did: NotMe, email = someone.email): Promise<string> {
    await world.database.transaction((tx) => noticeTo(tx, { id: someone.id, email }, mail, did));
    const token = (await world.mailsTo(email)).find((one) => one.kind === "test")?.links[0];
    if (!token) throw new Error("no notice was mailed");
    return token;
  }

  async function resetToken(email: string): Promise<string | undefined> {
    return (await world.mailsTo(email)).find((one) => one.kind === "reset-password")?.links[0];
  }

  async function signsInWith(email: string, chosen: string) {
    const deviceHash = createHash("sha256").update(randomUUID()).digest("hex");
    const attempt = { email, password: chosen, deviceHash, userAgent: "Tests", address: "" };
    return (await signIn(world.database, true, attempt)).outcome;
  }

  async function rowOf(someone: Someone) {
    const [row] = await world.database.select().from(people).where(eq(people.id, someone.id));
    if (!row) throw new Error("there is no such person");
    return row;
  }

  /** The state of every authenticator, the oldest first. */
  async function suspended(someone: Someone): Promise<boolean[]> {
    const rows = await world.rows<{ gone: boolean }>(
      sql`select suspended_at is not null as gone from authenticators where user_id = ${someone.id} order by created_at`,
    );
    return rows.map(({ gone }) => gone);
  }

  const codesLeft = (someone: Someone) =>
    world.count(sql`recovery_codes where user_id = ${someone.id} and used_at is null and revoked_at is null`);

  it("shows what was done at a look, which changes nothing however often: scanners open links", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const token = await noticed(theo, { did: "factor-added", authenticatorId: theo.authenticatorId });
    for (let n = 0; n < 3; n++) {
      expect(await world.visits(lookAtNotMe, { token })).toMatchObject({
        status: "done",
        data: { what: "added “Phone” to your account" },
      });
    }
    expect(await browser.session()).not.toBeNull();
    expect(await suspended(theo)).toEqual([false]);
    expect((await rowOf(theo)).passwordLockedAt).toBeNull();
    expect((await reports(token)).status).toBe("done");
  });

  it("suspends the new authenticator and what came after it, with the codes that came along", async () => {
    const theo = await world.employee();
    await theo.hasAnAuthenticatorApp();
    await world.rows(
      sql`update authenticators set created_at = now() - interval '1 day' where user_id = ${theo.id}`,
    );
    const token = await (async () => {
      await theo.hasAnAuthenticatorApp();
      return noticed(theo, { did: "factor-added", authenticatorId: theo.authenticatorId });
    })();
    await theo.hasRecoveryCodes();
    await theo.hasAnAuthenticatorApp();
    const thief = await theo.signsIn();
    expect(await reports(token)).toMatchObject({
      data: { suspended: 2, codesRevoked: true, emailKept: false, mailed: true },
    });
    expect(await suspended(theo)).toEqual([false, true, true]);
    expect(await codesLeft(theo)).toBe(0);
    expect(await thief.session()).toBeNull();
  });

  it("leaves codes alone that are older than the new authenticator", async () => {
    const theo = await world.employee({ totp: true });
    await theo.hasRecoveryCodes();
    await world.rows(
      sql`update recovery_codes set created_at = now() - interval '1 day' where user_id = ${theo.id}`,
    );
    await theo.hasAnAuthenticatorApp();
    const token = await noticed(theo, { did: "factor-added", authenticatorId: theo.authenticatorId });
    expect(await reports(token)).toMatchObject({ data: { codesRevoked: false } });
    expect(await codesLeft(theo)).toBe(10);
  });

  it("cannot reach another person's authenticator", async () => {
    const [theo, erin] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
    const token = await noticed(theo, { did: "factor-added", authenticatorId: erin.authenticatorId });
    expect(await reports(token)).toMatchObject({ data: { suspended: 0 } });
    expect(await suspended(erin)).toEqual([false]);
  });

  it.each([
    "password-changed",
    "signed-in",
    "suspicious",
    "sessions-ended",
    "factor-removed",
    "factor-added",
    "recovery-codes",
    "recovery-code-used",
  ] as const)("of “%s” ends the sessions and locks the password until a mailed reset", async (did) => {
    const theo = await world.employee({ totp: true });
    const [here, there] = [await theo.signsIn(), await theo.signsIn()];
    expect(await reports(await noticed(theo, { did }))).toMatchObject({ data: { mailed: true } });
    expect([await here.session(), await there.session()]).toEqual([null, null]);
    const because = await world.rows(
      sql`select distinct ended_because as because from sessions where person_id = ${theo.id}`,
    );
    expect(because).toEqual([{ because: "not-me" }]);
    expect(await signsInWith(theo.email, password)).toBe("refused");
    const token = await resetToken(theo.email);
    expect(await world.visits(completeReset, { token: token ?? "", password: next })).toMatchObject({
      status: "done",
    });
    expect(await signsInWith(theo.email, next)).toBe("signed-in");
  });

  it.each(["recovery-codes", "recovery-code-used"] as const)("of “%s” revokes the codes", async (did) => {
    const theo = await world.employee({ totp: true });
    await theo.hasRecoveryCodes();
    expect(await reports(await noticed(theo, { did }))).toMatchObject({ data: { codesRevoked: true } });
    expect(await codesLeft(theo)).toBe(0);
    expect(await suspended(theo)).toEqual([false]);
  });

  it("a locked password opens nothing, with the same answer as a wrong one (threat 23)", async () => {
    const theo = await world.employee();
    await reports(await noticed(theo, { did: "signed-in" }));
    const deviceHash = createHash("sha256").update("a device").digest("hex");
    const attempt = { email: theo.email, deviceHash, userAgent: "", address: "" };
    const locked = await signIn(world.database, true, { ...attempt, password });
    const wrong = await signIn(world.database, true, { ...attempt, password: "wrong" });
    expect(locked).toEqual(wrong);
  });

  it("takes reset links along that were mailed before: only the new one works", async () => {
    const theo = await world.employee();
    await world.visits(requestReset, { email: theo.email });
    const before = (await resetToken(theo.email)) ?? "";
    await reports(await noticed(theo, { did: "signed-in" }));
    expect(await world.visits(completeReset, { token: before, password: next })).toMatchObject(isOver);
  });

  it("stops an act that was past the guard already", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const held = browser.holdsItsSession(await browser.session());
    await reports(await noticed(theo, { did: "signed-in" }));
    const result = await held.calls(beginEdit, { customerId: acme.id });
    expect(result.status).not.toBe("done");
  });

  describe("of a change of address", () => {
    /** A change that both addresses have confirmed. */
    async function moved(someone: Someone, oldEmail: string, newEmail: string): Promise<string> {
      const [change] = await world.database
        .insert(emailChanges)
        .values({
          personId: someone.id,
          oldEmail,
          newEmail,
          expiresAt: sql`now() + interval '1 day'`,
          completedAt: sql`clock_timestamp()`,
        })
        .returning();
      await world.rows(sql`update people set email = ${newEmail} where id = ${someone.id}`);
      return change?.id ?? "";
    }
    const address = () => `${randomUUID()}@elsewhere.example`;

    it("puts the old one back, and mails the reset there alone", async () => {
      const theo = await world.employee();
      const thief = address();
      const emailChangeId = await moved(theo, theo.email, thief);
      await world.visits(requestReset, { email: thief });
      const thiefs = (await resetToken(thief)) ?? "";
      const token = await noticed(theo, { did: "email-changed", emailChangeId });
      expect(await reports(token)).toMatchObject({ data: { emailKept: true, mailed: true } });
      expect((await rowOf(theo)).email).toBe(theo.email);
      expect(await resetToken(theo.email)).toBeDefined();
      expect(await world.visits(completeReset, { token: thiefs, password: next })).toMatchObject(isOver);
      await world.visits(requestReset, { email: thief });
      expect(await resetToken(thief)).toBe(thiefs);
    });

    it("is not outrun by a second change", async () => {
      const theo = await world.employee();
      const [first, second] = [address(), address()];
      const emailChangeId = await moved(theo, theo.email, first);
      await moved(theo, first, second);
      await reports(await noticed(theo, { did: "email-changed", emailChangeId }));
      expect((await rowOf(theo)).email).toBe(theo.email);
      expect(await resetToken(second)).toBeUndefined();
    });

    it("gives up one that still waits, with its links", async () => {
      const theo = await world.employee();
      const [change] = await world.database
        .insert(emailChanges)
        .values({
          personId: theo.id,
          oldEmail: theo.email,
          newEmail: address(),
          expiresAt: sql`now() + interval '1 day'`,
        })
        .returning();
      const token = await noticed(theo, { did: "email-changed", emailChangeId: change?.id ?? "" });
      expect(await reports(token)).toMatchObject({ data: { emailKept: true, mailed: true } });
      expect(
        await world.count(sql`email_changes where person_id = ${theo.id} and cancelled_at is null`),
      ).toBe(0);
      expect((await rowOf(theo)).email).toBe(theo.email);
    });

    it("closes the account when the old one is somebody else's by now: the thief's mailbox gets no way in", async () => {
      const theo = await world.employee();
      const thief = address();
      const emailChangeId = await moved(theo, theo.email, thief);
      const other = await world.employee();
      await world.rows(sql`update people set email = ${theo.email} where id = ${other.id}`);
      const token = await noticed(theo, { did: "email-changed", emailChangeId });
      expect(await reports(token)).toMatchObject({ data: { emailKept: false, mailed: false } });
      expect(await rowOf(theo)).toMatchObject({ email: thief, disabledAt: expect.any(Date) });
      await world.visits(requestReset, { email: thief });
      expect(await resetToken(thief)).toBeUndefined();
    });
  });

  it("tells every administrator but the one it is about, and the log", async () => {
    const [ada, alan] = [await world.administrator(), await world.administrator({ name: "Alan" })];
    const closed = await world.administrator();
    await world.rows(sql`update people set disabled_at = now() where id = ${closed.id}`);
    const toldOf = async (someone: Someone) =>
      (await world.mailsTo(someone.email)).filter((one) => one.kind === "not-me-reported").length;
    const before = await toldOf(ada);
    await reports(await noticed(alan, { did: "signed-in" }));
    expect(await toldOf(ada)).toBe(before + 1);
    expect(await toldOf(alan)).toBe(0);
    expect(await toldOf(closed)).toBe(0);
    const rows = await world.rows<{ action: string; detail: unknown }>(
      sql`select action, detail from audit_events where record_id = ${alan.id} and action = 'link.not-me'`,
    );
    expect(rows).toEqual([{ action: "link.not-me", detail: expect.objectContaining({ did: "signed-in" }) }]);
  });

  it("works once, for 30 days, and for no token of another purpose", async () => {
    const theo = await world.employee();
    const token = await noticed(theo, { did: "signed-in" });
    const answers = await Promise.all(Array.from({ length: 8 }, () => reports(token)));
    expect(answers.filter(({ status }) => status === "done")).toHaveLength(1);
    expect(await world.visits(lookAtNotMe, { token })).toMatchObject(isOver);
    const late = await noticed(theo, { did: "suspicious" });
    await world.rows(
      sql`update links set expires_at = expires_at - interval '30 days' where person_id = ${theo.id}`,
    );
    expect(await reports(late)).toMatchObject(isOver);
    const erin = await world.employee();
    await world.visits(requestReset, { email: erin.email });
    for (const wrong of ["", "x".repeat(43), (await resetToken(erin.email)) ?? ""])
      expect(await reports(wrong)).toMatchObject(isOver);
    expect(await signsInWith(erin.email, password)).toBe("signed-in");
  });

  it("leaves no token in the database", async () => {
    const theo = await world.employee();
    const token = await noticed(theo, { did: "signed-in" });
    await reports(token);
    const stored = await world.everythingStored();
    expect(stored).not.toContain(token);
    expect(stored).not.toContain((await resetToken(theo.email)) ?? token);
  });
});
