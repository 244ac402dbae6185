import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { recordSignIn } from "@/lib/audit/record";
import { type Browser, type Someone, World } from "@/lib/testing/pipeline";
import { changePolicy } from "./change-policy";
import { type PolicyDocument, policyDocument } from "./document";
import { dryRun } from "./dry-run";

const none = policyDocument.parse({});
const reason = "Agreed with the data protection officer";
const passkeyOnly = { factors: ["passkey"] };

describe.each(testDatabases.map(({ name }) => name))("whom a policy would hit on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let alans: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    ada = await world.administrator({ totp: true });
    const alan = await world.administrator({ totp: true });
    alans = await alan.signsIn();
  });
  afterEach(() => world.close());

  const changes = async (document: object) => {
    const draft = { document: policyDocument.parse(document), basedOn: 0, reason };
    const result = await alans.calls(changePolicy, draft);
    await alans.person.waitsForTheNextCode();
    return result.status === "step-up-required" ? alans.stepsUp(changePolicy, draft) : result;
  };
  const run = (document: object, most?: number) =>
    dryRun(world.reader, none, policyDocument.parse(document) as PolicyDocument, most);
  const rowOf = async (document: object, action: string) =>
    (await run(document)).rows.find((row) => row.action === action);

  const lockOut = {
    signIn: "always",
    actions: { "session.finish-sign-in": passkeyOnly, "security.enrol-factor": passkeyOnly },
  };

  it("a sign-in that no administrator could finish locks all of them out, and is refused", async () => {
    expect(await changes(lockOut)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("lock all of you out"),
    });
    // Nor is anybody let past a second factor that is due and that they have not.
    const due = { ...lockOut, signIn: "never", enrolment: { administrator: { graceDays: 0 } } };
    expect(await changes(due)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("lock all of you out"),
    });
    // As long as sign-in asks for nothing, it is nobody's lock-out.
    expect(await changes({ ...lockOut, signIn: "never" })).toMatchObject({ status: "done" });
  });

  it("an administrator whose password is locked keeps nobody from being locked out", async () => {
    await ada.hasAPasskey();
    await world.administrator({ totp: true });
    await world.rows(sql`update people set password_locked_at = now() where id = ${ada.id}`);
    expect(await changes({ actions: { "admin.change-policy": passkeyOnly } })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("lock all of you out"),
    });
  });

  it("where two could approve, two still can: else nothing would be loosened again", async () => {
    await ada.hasAPasskey();
    const refused = { status: "invalid", message: expect.stringContaining("Fewer than two administrators") };
    const document = { actions: { "admin.approve": passkeyOnly } };
    expect(await changes(document)).toMatchObject(refused);
    // Nor is it anybody's chance that the other one's password is locked for a while.
    await world.rows(sql`update people set password_locked_at = now() where id = ${alans.person.id}`);
    expect(await changes(document)).toMatchObject(refused);
  });

  it("tells who could not sign in, nor set up another authenticator", async () => {
    await world.employee({ totp: true });
    await world.employee();
    expect(await rowOf(lockOut, "session.finish-sign-in")).toMatchObject({
      people: 3,
      unable: { before: 0, after: 3 },
    });
    const enrolling = { actions: { "security.enrol-factor": passkeyOnly } };
    expect(await rowOf(enrolling, "security.enrol-factor")).toMatchObject({
      people: 3,
      unable: { before: 0, after: 3 },
    });
  });

  it("tells how many sign-ins a day would ask", async () => {
    const theo = await world.employee({ totp: true });
    await theo.signsIn();
    const entry = { personId: theo.id, sessionId: null, address: "192.0.2.1" };
    await world.database.transaction((tx) => recordSignIn(tx, { ...entry, outcome: "refused" }));
    await world.database.transaction((tx) => recordSignIn(tx, { ...entry, outcome: "allowed" }));
    expect(await rowOf({ signIn: "always" }, "session.finish-sign-in")).toMatchObject({
      promptsADay: { before: 0, after: 1 },
    });
  });

  it.each([
    ["known after a proof there", "allowed", 0],
    ["not known by an earlier session whose prompt was cancelled", "cancelled", 1],
  ])("a device is %s", async (_title, outcome, prompts) => {
    const theo = await world.employee({ totp: true });
    const signsIn = async (trusted: boolean) => {
      const { sessionId } = await theo.signsIn({ device: "desk" });
      const entry = { personId: theo.id, sessionId, address: "192.0.2.1", outcome: "allowed" as const };
      await world.database.transaction((tx) => recordSignIn(tx, { ...entry, trusted }));
      return sessionId;
    };
    // Trusted, so that it isn't asked itself.
    const sessionId = await signsIn(true);
    await world.rows(sql`insert into audit_events (at, actor_id, session_id, action, outcome, detail)
      values (now(), ${theo.id}, ${sessionId}, 'contract.view', ${outcome}, '{}')`);
    await signsIn(false);
    expect(await rowOf({ signIn: "when-risky" }, "session.finish-sign-in")).toMatchObject({
      promptsADay: { before: 0, after: prompts },
    });
  });

  it("spreads what was asked over the days of the log, 30 at most", async () => {
    const entry = { personId: ada.id, sessionId: null, address: "192.0.2.1", outcome: "allowed" as const };
    await world.database.transaction((tx) => recordSignIn(tx, entry));
    const asked = async () =>
      (await rowOf({ signIn: "always" }, "session.finish-sign-in"))?.promptsADay.after;
    const began = (daysAgo: number) =>
      world.rows(sql`insert into audit_events (at, action, outcome, detail)
        values (now() - make_interval(days => ${daysAgo}, mins => -5), 'session.sign-out', 'allowed', '{}')`);
    await began(10);
    expect(await asked()).toBeCloseTo(1 / 10);
    await began(90);
    expect(await asked()).toBeCloseTo(1 / 30);
  });

  it("tells whom a demanded second factor would stop at once, and who would get a deadline", async () => {
    await world.employee();
    const nora = await world.employee({ totp: true });
    const demanded = async (graceDays: number, rest = {}) =>
      (await run({ enrolment: { employee: { graceDays } }, ...rest })).demanded;
    expect(await demanded(0)).toEqual({ atOnce: 1, byDeadline: 0 });
    expect(await demanded(7)).toEqual({ atOnce: 0, byDeadline: 1 });
    expect((await run({})).demanded).toEqual({ atOnce: 0, byDeadline: 0 });
    // Neither is an app that their sign-in doesn't take, whatever else it confirms.
    const passkeysAlone = { actions: { "session.finish-sign-in": passkeyOnly } };
    expect(await demanded(0, passkeysAlone)).toEqual({ atOnce: 2, byDeadline: 0 });
    // An app that is switched off is none.
    await nora.hasRecoveryCodes();
    expect(await demanded(7, { factors: { totp: false } })).toEqual({ atOnce: 0, byDeadline: 2 });
  });

  it("is one at a time, and the next one after it, however it ended", async () => {
    const [first, second] = await Promise.allSettled([run({}), run({})]);
    expect(first.status).toBe("fulfilled");
    expect(second).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringContaining("Try again") },
    });
    const broken = {
      select: () => {
        throw new Error("gone");
      },
    } as unknown as typeof world.reader;
    await expect(dryRun(broken, none, none)).rejects.toThrow("gone");
    expect((await run({})).decisions).toBe(0);
  });

  it("replays the newest where there are more, and says over how many days they are spread", async () => {
    const entry = { personId: ada.id, sessionId: null, address: "192.0.2.1", outcome: "allowed" as const };
    for (let index = 0; index < 3; index += 1)
      await world.database.transaction((tx) => recordSignIn(tx, entry));
    expect(await run({})).toMatchObject({ decisions: 3, days: 1, cut: false });
    expect(await run({}, 2)).toMatchObject({ decisions: 2, days: 1, cut: true });
  });
});
