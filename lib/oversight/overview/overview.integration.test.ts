import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { editCustomer } from "@/lib/customers/edit-customer";
import type { Person } from "@/lib/people/person";
import { edit, type Someone, World } from "@/lib/testing/pipeline";
import { type Decisions, daysUntil, readConfirmTimes, readDecisions } from "./read-decisions";
import { mostListed, readDeadlines, readStrengths } from "./read-enrolment";

describe.each(testDatabases.map(({ name }) => name))("the security overview on %s", (kind) => {
  let world: World;
  let now: Date;
  let auditor: Person;
  let erin: Someone;

  beforeAll(async () => {
    world = await World.open(kind);
    now = await world.now();
    auditor = await personOf(await world.auditor());
    erin = await world.employee({ name: "Erin Novak" });
  });
  afterAll(() => world.close());

  async function personOf(someone: Someone): Promise<Person> {
    return (await (await someone.signsIn()).session())!.person;
  }

  /** Rows as the app would have written them `ago` days before now. */
  async function happened(
    ago: number,
    what: { action?: string; outcome?: string; factor?: string; ms?: number; repeats?: number },
  ) {
    const { action = "customer.edit", outcome = "allowed", factor = "totp", ms, repeats = 1 } = what;
    const detail = JSON.stringify(ms === undefined ? {} : { confirmedInMs: ms });
    await world.rows(sql`insert into audit_events (at, actor_id, action, outcome, factor, detail, repeats, is_demo)
      values (${now.toISOString()}::timestamptz - make_interval(days => ${ago}), ${erin.id}, ${action},
        ${outcome}, ${factor}, ${detail}::jsonb, ${repeats}, true)`);
  }

  const series = (decisions: Decisions, name: string) =>
    [...decisions.stepUps, ...decisions.endings].find((one) => one.name === name)?.values;

  it("a step-up's row tells how long confirming took, and later rows of the same proof don't", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const asked = await browser.calls(editCustomer, edit(acme, { city: "Kiel" }));
    const proof = await browser.answersWithCode(asked);
    await browser.calls(editCustomer, edit(acme, { city: "Kiel" }), { proof });
    await browser.calls(editCustomer, edit({ ...acme, version: 2 }, { city: "Bonn" }));
    const [first, second] = await world.audit("customer.edit");
    expect(first?.detail).toEqual({ confirmedInMs: expect.any(Number) });
    const { confirmedInMs } = first!.detail as { confirmedInMs: number };
    expect(confirmedInMs).toBeGreaterThanOrEqual(0);
    expect(confirmedInMs).toBeLessThan(60_000);
    expect(second?.detail).toEqual({});
  });

  it("counts step-ups by factor and day, and what did not come to an end with its repeats", async () => {
    await happened(29, { ms: 4_000, factor: "passkey" });
    await happened(30, { ms: 4_000, factor: "passkey" });
    await happened(3, { ms: 8_000 });
    await happened(3, {});
    await happened(3, { outcome: "refused", repeats: 7 });
    await happened(0, { outcome: "cancelled" });
    const decisions = await readDecisions(world.reader, auditor, now);
    expect(decisions.days).toEqual(daysUntil(now));
    expect(decisions.days).toHaveLength(30);
    expect(series(decisions, "passkey")).toEqual([1, ...Array(29).fill(0)]);
    expect(series(decisions, "totp")?.[26]).toBe(1);
    expect(series(decisions, "refused")?.[26]).toBe(7);
    expect(series(decisions, "cancelled")?.[29]).toBe(1);
    expect(series(decisions, "failed")).toEqual(Array(30).fill(0));
  });

  it("tells median and 95th percentile a factor, over the same days", async () => {
    for (let ms = 1; ms <= 100; ms += 1) await happened(1, { ms: ms * 100, factor: "recovery-code" });
    await happened(31, { ms: 9_999_999, factor: "recovery-code" });
    await world.rows(sql`insert into audit_events (at, action, outcome, factor, detail, is_demo)
      values (now(), 'customer.edit', 'allowed', 'recovery-code', '{"confirmedInMs": "much"}', true)`);
    const times = await readConfirmTimes(world.reader, auditor, now);
    expect(times.find(({ factor }) => factor === "recovery-code")).toEqual({
      ...{ factor: "recovery-code", count: 100 },
      median: 5_050,
      p95: expect.closeTo(9_505, 0),
    });
  });

  it("counts second factors at sign-in apart, and in neither how often nor how long", async () => {
    const before = await readDecisions(world.reader, auditor, now);
    const timesBefore = await readConfirmTimes(world.reader, auditor, now);
    await happened(2, { action: "session.finish-sign-in", ms: 999_999, factor: "passkey" });
    await happened(2, { action: "session.sign-in", outcome: "refused", factor: "password" });
    const after = await readDecisions(world.reader, auditor, now);
    expect(after).toEqual({ ...before, signIns: before.signIns + 1 });
    expect(await readConfirmTimes(world.reader, auditor, now)).toEqual(timesBefore);
  });

  it("tells people by their strongest factor that works, and by role", async () => {
    const maya = await world.manager({ totp: true });
    await maya.hasAPasskey();
    const removed = await world.manager();
    await removed.hasAnAuthenticatorApp();
    await world.rows(sql`update authenticators set removed_at = now() where user_id = ${removed.id}`);
    const disabled = await world.manager({ totp: true });
    await world.rows(sql`update people set disabled_at = now() where id = ${disabled.id}`);
    const strengths = await readStrengths(world.reader, auditor);
    expect(strengths.find(({ role }) => role === "manager")?.people).toEqual({
      ...{ passkey: 1, totp: 0, code: 0, none: 1 },
    });
  });

  it("tells who is about to miss a deadline, the first one first", async () => {
    const due = async (someone: Someone, days: number) =>
      world.rows(
        sql`update people set second_factor_by = now() + make_interval(days => ${days}) where id = ${someone.id}`,
      );
    const late = await world.employee({ name: "Late" });
    const enrolled = await world.employee({ totp: true });
    await due(erin, 3);
    await due(late, -1);
    await due(enrolled, -5);
    const deadlines = await readDeadlines(world.reader, auditor);
    expect(deadlines.counts).toEqual({ overdue: 1, week: 1, month: 0, later: 0 });
    expect(deadlines.overdue.map(({ id }) => id)).toEqual([late.id]);
    expect(deadlines.upcoming.map(({ id }) => id)).toEqual([erin.id]);
    expect(deadlines.upcoming[0]?.by).toBeInstanceOf(Date);
  });

  it("more people overdue than are listed hide nobody whose deadline is to come", async () => {
    await world.rows(sql`insert into people (name, email, role, password_hash, second_factor_by)
      select 'Overdue ' || n, 'overdue-' || n || '@keyturn.example', 'manager', '', now() - make_interval(days => n)
      from generate_series(2, ${mostListed + 2}) n`);
    const deadlines = await readDeadlines(world.reader, auditor);
    expect(deadlines.counts.overdue).toBe(mostListed + 2);
    expect(deadlines.overdue).toHaveLength(mostListed);
    expect(deadlines.upcoming.map(({ id }) => id)).toEqual([erin.id]);
  });

  it("takes seven queries, and none of them tells anybody else anything", async () => {
    const everything = async (reader: Person) => [
      await readStrengths(world.reader, reader),
      await readDecisions(world.reader, reader, now),
      await readConfirmTimes(world.reader, reader, now),
      await readDeadlines(world.reader, reader),
    ];
    world.queries = [];
    await everything(auditor);
    expect(world.queries).toHaveLength(7);
    for (const someone of [erin, await world.manager({ totp: true })]) {
      const [strengths, decisions, times, deadlines] = await everything(await personOf(someone));
      expect([strengths, times]).toEqual([[], []]);
      expect(decisions).toMatchObject({ stepUps: [], signIns: 0 });
      expect(deadlines).toMatchObject({ overdue: [], upcoming: [], counts: { overdue: 0 } });
    }
  });
});
