import { createHash, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { people } from "@/db/schema/people";
import { testDatabases } from "@/db/testing";
import { openLink, revokeLinks } from "@/lib/links/links";
import { environment } from "@/lib/platform/env";
import { signIn } from "@/lib/session/sign-in";
import { countAttempt } from "@/lib/step-up/attempts";
import { password, type Someone, World } from "@/lib/testing/pipeline";
import { completeReset } from "./complete-reset";
import { requestReset } from "./request-reset";

const next = "seven bridges over the Pregel";
const isOver = {
  status: "invalid",
  message: "This link has expired or was used already. Ask for a new one.",
};

describe.each(testDatabases.map(({ name }) => name))("a mailed reset on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const asks = (email: string) => world.visits(requestReset, { email });
  const completes = (token: string, chosen = next) =>
    world.visits(completeReset, { token, password: chosen });
  const resetsOf = async (email: string) =>
    (await world.mailsTo(email)).filter((mail) => mail.kind === "reset-password");

  /** Asks for a reset and takes the token out of the mail. */
  async function tokenFor(someone: Someone): Promise<string> {
    await asks(someone.email);
    const token = (await resetsOf(someone.email))[0]?.links[0];
    if (!token) throw new Error("no link was mailed");
    return token;
  }

  async function signsInWith(someone: Someone, chosen: string, device: string = randomUUID()) {
    const deviceHash = createHash("sha256").update(device).digest("hex");
    const attempt = { email: someone.email, password: chosen, deviceHash, userAgent: "Tests", address: "" };
    return (await signIn(world.database, true, attempt)).outcome;
  }

  async function rowOf(someone: Someone) {
    const [row] = await world.database.select().from(people).where(eq(people.id, someone.id));
    return row;
  }

  it("replaces the password, ends every session, and is told and logged (threats 19, 21)", async () => {
    const theo = await world.employee({ totp: true });
    const [here, there] = [await theo.signsIn(), await theo.signsIn()];
    const before = await rowOf(theo);
    expect(await completes(await tokenFor(theo))).toMatchObject({ status: "done", data: null });
    expect(await here.session()).toBeNull();
    expect(await there.session()).toBeNull();
    expect(await signsInWith(theo, password)).toBe("refused");
    expect(await signsInWith(theo, next)).toBe("signed-in");
    const after = await rowOf(theo);
    expect(after?.passwordHash).toMatch(/^\$argon2id\$/);
    expect(after?.passwordChangedAt.getTime()).toBeGreaterThan(before?.passwordChangedAt.getTime() ?? 0);
    const ended = await world.rows<{ because: string }>(
      sql`select distinct ended_because as because from sessions where id in (${here.sessionId}, ${there.sessionId})`,
    );
    expect(ended).toEqual([{ because: "password-changed" }]);
    const notice = (await world.mailsTo(theo.email)).find((mail) => mail.kind === "password-changed");
    expect(notice?.links).toHaveLength(1);
    const rows = await world.rows<{ action: string; outcome: string }>(
      sql`select action, outcome from audit_events where record_id = ${theo.id} order by seq`,
    );
    expect(rows).toEqual([
      { action: "reset.request", outcome: "allowed" },
      { action: "reset.complete", outcome: "allowed" },
    ]);
  });

  it("keeps the second factor, makes no evidence and no session (threats 19, 20a)", async () => {
    const theo = await world.employee({ totp: true });
    await theo.hasRecoveryCodes();
    const factors = () =>
      world.rows(sql`select (select json_agg(a order by a.id) from authenticators a where a.user_id = ${theo.id})::text as apps,
        (select json_agg(r order by r.id) from recovery_codes r where r.user_id = ${theo.id})::text as codes,
        (select count(*)::int from evidence where user_id = ${theo.id}) as proofs,
        (select count(*)::int from sessions where person_id = ${theo.id} and ended_at is null) as sessions`);
    const before = await factors();
    const done = await completes(await tokenFor(theo));
    expect(done).toMatchObject({ status: "done" });
    expect("session" in done && done.session).toBeFalsy();
    expect(await factors()).toEqual(before);
  });

  it("has the same answer after the same statements whether or not there is such an account (threat 23)", async () => {
    const theo = await world.employee();
    const closed = await world.employee();
    await world.rows(sql`update people set disabled_at = now() where id = ${closed.id}`);
    const statements = async (email: string) => {
      world.queries = [];
      const answer = await asks(email);
      return { answer, done: [...world.queries] };
    };
    const known = await statements(theo.email);
    const before = await world.count(sql`outbox`);
    for (const email of [`${randomUUID()}@keyturn.example`, closed.email]) {
      const other = await statements(email);
      expect(other.answer).toEqual(known.answer);
      // The last one keeps or drops what the others wrote.
      const last = known.done.findIndex((text) => /^release savepoint/i.test(text));
      expect(last).toBeGreaterThan(3);
      expect(other.done.filter((_, index) => index !== last)).toEqual(
        known.done.filter((_, index) => index !== last),
      );
      expect(await resetsOf(email)).toEqual([]);
    }
    expect(await world.count(sql`outbox`)).toBe(before);
    expect(await world.count(sql`links where person_id is null`)).toBe(0);
  });

  it("mails three times an hour at most, however many ask at once", async () => {
    const theo = await world.employee();
    const answers = await Promise.all(Array.from({ length: 12 }, () => asks(theo.email)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await resetsOf(theo.email)).toHaveLength(3);
    await world.rows(
      sql`update links set created_at = created_at - interval '61 minutes' where person_id = ${theo.id}`,
    );
    await asks(`  ${theo.email.toUpperCase()} `);
    expect(await resetsOf(theo.email)).toHaveLength(4);
  });

  it("is for nobody where a demo account has no demo", async () => {
    const demo = await world.employee({ demo: true });
    const token = await tokenFor(demo);
    const before = globalThis.keyturnEnvironment;
    globalThis.keyturnEnvironment = { ...environment(), demo: false };
    try {
      await asks(demo.email);
      expect(await resetsOf(demo.email)).toHaveLength(1);
      expect(await completes(token)).toMatchObject(isOver);
    } finally {
      globalThis.keyturnEnvironment = before;
    }
  });

  it("works once: of 20 parallel answers one passes", async () => {
    const theo = await world.employee();
    const token = await tokenFor(theo);
    const chosen = Array.from({ length: 20 }, (_, index) => `the ${index + 2} bridges of Kaliningrad`);
    const answers = await Promise.all(chosen.map((one) => completes(token, one)));
    expect(answers.filter(({ status }) => status === "done")).toHaveLength(1);
    const won = chosen[answers.findIndex(({ status }) => status === "done")] ?? "";
    expect(await signsInWith(theo, won)).toBe("signed-in");
    expect(await completes(token)).toMatchObject(isOver);
  });

  it("ends after 15 minutes, with another reset, and when the account is closed", async () => {
    const theo = await world.employee();
    const [first, second] = [await tokenFor(theo), await tokenFor(theo)];
    expect(first).not.toBe(second);
    expect(await completes(first)).toMatchObject({ status: "done" });
    expect(await completes(second, "another sentence of mine")).toMatchObject(isOver);

    const erin = await world.employee();
    const late = await tokenFor(erin);
    await world.rows(
      sql`update links set expires_at = expires_at - interval '15 minutes' where person_id = ${erin.id}`,
    );
    expect(await completes(late)).toMatchObject(isOver);

    const maya = await world.employee();
    const closed = await tokenFor(maya);
    await world.rows(sql`update people set disabled_at = now() where id = ${maya.id}`);
    expect(await completes(closed)).toMatchObject(isOver);
    expect(await signsInWith(maya, next)).toBe("refused");
  });

  it("takes no token that is none, of another purpose, or as it is stored", async () => {
    const theo = await world.employee();
    const token = await tokenFor(theo);
    const [row] = await world.rows<{ hash: string }>(
      sql`select token_hash as hash from links where person_id = ${theo.id}`,
    );
    const foreign: string[] = [];
    for (const purpose of ["not-me", "invitation", "recovery", "confirm-email"] as const) {
      const { url } = await world.database.transaction((tx) =>
        openLink(tx, { purpose, personId: theo.id, lifetimeMinutes: 60 }),
      );
      foreign.push(url.split("#")[1] ?? "");
    }
    for (const wrong of ["", "x", "x".repeat(43), row?.hash ?? "", `${token} `, token.slice(1), ...foreign])
      expect(await completes(wrong), wrong).toMatchObject(isOver);
    expect(await signsInWith(theo, password)).toBe("signed-in");
    expect(await completes(token)).toMatchObject({ status: "done" });
  });

  it("says what is wrong with a password, and leaves the link for a better one", async () => {
    const theo = await world.employee({ name: "Theo Brandt" });
    const token = await tokenFor(theo);
    for (const [bad, words] of [
      ["short", /at least 15/],
      ["passwordpassword", /repeats itself/],
      ["Theo Brandt 2026", /Your name/],
    ] as const) {
      const answer = await completes(token, bad);
      expect(answer).toMatchObject({ status: "invalid", fields: { password: expect.stringMatching(words) } });
    }
    expect(await completes(token)).toMatchObject({ status: "done" });
  });

  it("gives back the tries that the old password had used up, and those of no other secret", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const session = await browser.session();
    if (!session) throw new Error("signed out");
    for (let n = 0; n < 11; n++) await signsInWith(theo, "wrong");
    expect(await signsInWith(theo, password)).toBe("rate-limited");
    await world.database.transaction(async (tx) => {
      await countAttempt(tx, session, "password");
      await countAttempt(tx, session, "codes");
    });
    await completes(await tokenFor(theo));
    expect(await signsInWith(theo, next)).toBe("signed-in");
    expect(await world.rows(sql`select budget from code_attempts where user_id = ${theo.id}`)).toEqual([
      { budget: "codes" },
    ]);
  });

  it("ends the session of a sign-in that was under way with the old password", async () => {
    const theo = await world.employee();
    const token = await tokenFor(theo);
    const tries = Array.from({ length: 6 }, () => signsInWith(theo, password));
    await completes(token);
    await Promise.all(tries);
    expect(await world.count(sql`sessions where person_id = ${theo.id} and ended_at is null`)).toBe(0);
  });

  // The embedded database has one connection: nothing comes between there.
  if (kind === "PostgreSQL")
    it("waits for who locks the account and then takes its links back, and neither fails", async () => {
      const theo = await world.employee();
      const token = await tokenFor(theo);
      const { answer } = await world.database.transaction(async (tx) => {
        await tx.execute(sql`select 1 from people where id = ${theo.id} for update`);
        const answer = completes(token);
        await expect
          .poll(() => world.count(sql`pg_locks where not granted`), { timeout: 15_000 })
          .toBeGreaterThan(0);
        await revokeLinks(tx, "reset-password", theo.id);
        return { answer };
      });
      expect(await answer).toMatchObject(isOver);
      expect(await signsInWith(theo, password)).toBe("signed-in");
    });

  it("leaves nothing in the database that sets a password", async () => {
    const theo = await world.employee();
    const token = await tokenFor(theo);
    expect(await world.everythingStored()).not.toContain(token);
    await completes(token);
    const stored = await world.everythingStored();
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(next);
  });
});
