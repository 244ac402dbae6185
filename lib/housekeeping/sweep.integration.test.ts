import { randomUUID } from "node:crypto";
import { getTableName, type SQL, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { testDatabases } from "@/db/testing";
import { eraseFromLog } from "@/lib/audit/erase";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { createCustomer } from "@/lib/customers/create-customer";
import { generateRecoveryCodes } from "@/lib/security/generate-recovery-codes";
import { bankChange, fieldsOf, type Someone, World } from "@/lib/testing/pipeline";
import { rules } from "./rules";
import { startHousekeeping } from "./start-housekeeping";
import { sweep } from "./sweep";

type Written = (someone: Someone, age: string) => SQL;

const id = () => randomUUID();
const ago = (age: string) => sql`now() - ${age}::interval`;

/** Of each table: how a row of it is written, the age at which it still stays, and the one at which it goes. */
const cases: Record<string, { writes: Written; stays: string; goes: string }> = {
  call_outcomes: {
    writes: (_, age) =>
      sql`insert into call_outcomes (session_id, call_id, action, digest, sealed_result, created_at) values (${id()}, ${id()}, 'a', 'd', 's', ${ago(age)})`,
    stays: "59 minutes",
    goes: "61 minutes",
  },
  enrolments: {
    writes: (
      { id: user },
      age,
    ) => sql`insert into enrolments (user_id, session_id, lock_epoch, opened_by, on_probation, sealed_seed, webauthn_challenge, expires_at)
      values (${user}, ${id()}, 0, 'totp', false, 's', 'c', ${ago(age)})`,
    stays: "-1 minute",
    goes: "1 second",
  },
  spent_nonces: {
    writes: (_, age) => sql`insert into spent_nonces (nonce_hash, forget_at) values (${id()}, ${ago(age)})`,
    stays: "-1 minute",
    goes: "1 second",
  },
  sent_codes: {
    writes: ({ id: user }, age) =>
      sql`insert into sent_codes (user_id, session_id, challenge_hash, code_hash, known_device, created_at, expires_at) values (${user}, ${id()}, 'c', 'h', false, ${ago(age)}, ${ago(age)})`,
    stays: "23 hours",
    goes: "25 hours",
  },
  grants: {
    writes: ({ id: user }, age) =>
      sql`insert into grants (user_id, session_id, lock_epoch, action, digest, evidence_id, expires_at) values (${user}, ${id()}, 0, 'a', 'd', ${id()}, ${ago(age)})`,
    stays: "23 hours",
    goes: "25 hours",
  },
  downloads: {
    writes: ({ id: user }, age) =>
      sql`insert into downloads (token_hash, user_id, session_id, lock_epoch, action, content, expires_at) values (${id()}, ${user}, ${id()}, 0, 'a', '{}', ${ago(age)})`,
    stays: "59 minutes",
    goes: "61 minutes",
  },
  evidence: {
    writes: ({ id: user }, age) =>
      sql`insert into evidence (user_id, session_id, lock_epoch, factor, action, digest, proved_at) values (${user}, ${id()}, 0, 'totp', 'a', 'd', ${ago(age)})`,
    stays: "23 hours",
    goes: "25 hours",
  },
  openings: {
    writes: (_, age) =>
      sql`insert into openings (session_id, action, record_id, evidence_id, opened_at) values (${id()}, 'a', 'r', ${id()}, ${ago(age)})`,
    stays: "23 hours",
    goes: "25 hours",
  },
  sessions: {
    writes: ({ id: user }, age) =>
      sql`insert into sessions (person_id, secret_hash, created_at, expires_at) values (${user}, 'h', ${ago(age)} - interval '12 hours', ${ago(age)})`,
    stays: "29 days",
    goes: "31 days",
  },
  links: {
    writes: ({ id: user }, age) =>
      sql`insert into links (purpose, token_hash, person_id, data, expires_at) values ('not-me', ${id()}, ${user}, '{}', ${ago(age)})`,
    stays: "29 days",
    goes: "31 days",
  },
  approvals: {
    writes: ({ id: user }, age) =>
      sql`insert into approvals (kind, subject, input, reason, asked_by, expires_at) values ('reset-factors', ${id()}, '{}', 'r', ${user}, ${ago(age)})`,
    stays: "89 days",
    goes: "91 days",
  },
  email_changes: {
    writes: ({ id: user }, age) =>
      sql`insert into email_changes (person_id, old_email, new_email, created_at, expires_at) values (${user}, 'a@x.example', 'b@x.example', ${ago(age)}, ${ago(age)})`,
    stays: "59 days",
    goes: "61 days",
  },
  password_attempts: {
    writes: (_, age) =>
      sql`insert into password_attempts (account_hash, failures, last_failed_at) values (${id()}, 12, ${ago(age)})`,
    stays: "23 hours",
    goes: "25 hours",
  },
  device_factors: {
    writes: ({ id: user }, age) =>
      sql`insert into device_factors (device_hash, user_id, first_seen_at) values (${id()}, ${user}, ${ago(age)})`,
    stays: "399 days",
    goes: "401 days",
  },
  trusted_devices: {
    writes: ({ id: user }, age) =>
      sql`insert into trusted_devices (person_id, device_hash, expires_at) values (${user}, ${id()}, ${ago(age)})`,
    stays: "29 days",
    goes: "31 days",
  },
  deadline_reminders: {
    writes: ({ id: user }, age) =>
      sql`insert into deadline_reminders (person_id, deadline, days_before) values (${user}, ${ago(age)}, 7)`,
    stays: "29 days",
    goes: "31 days",
  },
  code_attempts: {
    writes: ({ id: user }, age) =>
      sql`insert into code_attempts (user_id, budget, session_id, known_device, failures, last_failed_at) values (${user}, 'codes', ${id()}, false, 20, ${ago(age)})`,
    stays: "11 months",
    goes: "13 months",
  },
};

describe.each(testDatabases.map(({ name }) => name))("housekeeping on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  afterEach(() => void vi.restoreAllMocks());

  it("has a case for every rule", () => {
    expect(rules.map(({ table }) => getTableName(table)).sort()).toEqual(Object.keys(cases).sort());
  });

  it.each(Object.entries(cases))("of %s deletes what is over, and nothing else", async (table, one) => {
    const someone = await world.employee();
    const rows = () => world.count(sql`${sql.identifier(table)}`);
    await sweep(world.database);
    const before = await rows();
    await world.rows(one.writes(someone, one.goes));
    await world.rows(one.writes(someone, one.stays));
    await sweep(world.database);
    expect(await rows()).toBe(before + 1);
    await sweep(world.database);
    expect(await rows()).toBe(before + 1);
  });

  it("leaves a session that lives, and a person's last one: else a thief's first device were no news", async () => {
    const [erin, maya] = [await world.employee(), await world.employee()];
    const writes = cases.sessions!.writes;
    await world.rows(writes(erin, "300 days"));
    await world.rows(writes(erin, "200 days"));
    const alive = await (await maya.signsIn()).session();
    await world.rows(writes(maya, "200 days"));
    await sweep(world.database);
    const left = (of: Someone) => world.rows(sql`select id from sessions where person_id = ${of.id}`);
    expect(await left(erin)).toHaveLength(1);
    expect(await left(maya)).toEqual([{ id: alive?.sessionId }]);
  });

  it("leaves no digest of a customer that was erased hours after the proof, to try guesses against", async () => {
    const acme = await world.customer();
    const browser = await (await world.employee({ totp: true })).signsIn();
    expect((await browser.stepsUp(changeBankDetails, bankChange(acme))).status).toBe("done");
    await world.rows(sql`update grants set expires_at = expires_at - interval '20 hours'`);
    await world.rows(sql`update evidence set proved_at = proved_at - interval '20 hours'`);
    await sweep(world.database);
    const left = () =>
      world.count(sql`evidence where action = 'customer.change-bank-details' and digest <> ''`);
    expect(await left()).toBe(1);
    const [{ number } = { number: "" }] = await world.rows<{ number: string }>(
      sql`select number from customers where id = ${acme.id}`,
    );
    await world.database.transaction((tx) => eraseFromLog(tx, { number, reason: "They asked for it" }));
    expect(await left()).toBe(0);
  });

  it("leaves codes off where the tries of years ago turned them off", async () => {
    const erin = await world.employee();
    for (let n = 0; n < 5; n++) await world.rows(cases.code_attempts!.writes(erin, "2 years"));
    await sweep(world.database);
    expect(await world.count(sql`code_attempts where user_id = ${erin.id}`)).toBe(5);
  });

  it("keeps an answer for its repeat within the hour, and no recovery code longer; rows of the log stay", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const callId = randomUUID();
    const proof = await browser.answersWithCode(await browser.calls(generateRecoveryCodes, {}));
    const first = await browser.calls(generateRecoveryCodes, {}, { callId, proof });
    expect(first.status).toBe("done");
    const [log] = await world.rows(
      sql`select count(*)::int as rows, count(mac)::int as macs from audit_events`,
    );
    await world.rows(
      sql`update call_outcomes set created_at = created_at - interval '59 minutes' where call_id = ${callId}`,
    );
    await sweep(world.database);
    expect(await browser.calls(generateRecoveryCodes, {}, { callId, proof })).toEqual(first);
    await world.rows(
      sql`update call_outcomes set created_at = created_at - interval '2 minutes' where call_id = ${callId}`,
    );
    await sweep(world.database);
    expect(await world.count(sql`call_outcomes where call_id = ${callId}`)).toBe(0);
    expect(
      await world.rows(sql`select count(*)::int as rows, count(mac)::int as macs from audit_events`),
    ).toEqual([log]);
  });

  it("stops no step-up that is under way", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const input = { teamId: world.team, fields: fieldsOf() };
    const asked = await browser.calls(createCustomer, input);
    await sweep(world.database);
    const proof = await browser.answersWithCode(asked);
    expect((await browser.calls(createCustomer, input, { proof })).status).toBe("done");
    await sweep(world.database);
    expect((await browser.calls(createCustomer, input)).status).toBe("done");
  });

  it("deletes more than a batch at once", async () => {
    await world.rows(
      sql`insert into spent_nonces (nonce_hash, forget_at) select 'n' || n, now() - interval '1 day' from generate_series(1, 1201) n`,
    );
    expect(await sweep(world.database)).toBe(1201);
  });

  it("logs a rule that fails, does the others, and catches up", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const erin = await world.employee();
    for (const table of ["grants", "evidence"]) await world.rows(cases[table]!.writes(erin, "400 days"));
    await world.rows(sql`alter table grants rename to grants_away`);
    expect(await sweep(world.database)).toBe(1);
    expect(JSON.stringify(said.mock.calls)).toContain("housekeeping.sweep");
    await world.rows(sql`alter table grants_away rename to grants`);
    expect(await sweep(world.database)).toBe(1);
  });

  it("runs in the background until it is ended", async () => {
    const erin = await world.employee();
    await world.rows(cases.evidence!.writes(erin, "400 days"));
    const end = startHousekeeping(world.database);
    await expect.poll(() => world.count(sql`evidence where user_id = ${erin.id}`)).toBe(0);
    await end();
  });

  // The embedded database has one process and one connection.
  if (kind === "PostgreSQL")
    it("is done by one process at a time", async () => {
      const erin = await world.employee();
      await world.rows(cases.evidence!.writes(erin, "400 days"));
      await world.database.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(7265003)`);
        expect(await sweep(world.database)).toBe(0);
      });
      expect(await sweep(world.database)).toBe(1);
    });
});
