import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { keepDeadlines } from "@/lib/housekeeping/keep-deadlines";
import { askToReset } from "@/lib/people/ask-to-reset";
import { changeRole } from "@/lib/people/change-role";
import { disableUser } from "@/lib/people/disable-user";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { readWaysToAsk } from "./approvers";
import { mostOpen } from "./ask";
import { approve, decline, withdraw } from "./decide";
import { readOpenApprovals } from "./read";

const reason = "Lost the phone, called me back";

describe.each(testDatabases.map(({ name }) => name))("a request, and what comes between, on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let alan: Someone;
  let grace: Someone;
  let theo: Someone;
  let adas: Browser;
  let alans: Browser;
  let graces: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    ada = await world.administrator({ totp: true, name: "Ada" });
    alan = await world.administrator({ totp: true, name: "Alan" });
    grace = await world.administrator({ totp: true, name: "Grace" });
    theo = await world.employee({ totp: true, name: "Theo" });
    [adas, alans, graces] = [await ada.signsIn(), await alan.signsIn(), await grace.signsIn()];
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const asks = async (about: Someone = theo) => {
    await ada.waitsForTheNextCode();
    return dataOf(await adas.stepsUp(askToReset, { personId: about.id, reason })).approvalId;
  };
  const outcomeOf = async (id: string) =>
    (await world.rows<{ outcome: string }>(sql`select outcome from approvals where id = ${id}`))[0]?.outcome;
  const appsOf = ({ id }: Someone) =>
    world.count(sql`authenticators where user_id = ${id} and removed_at is null`);
  /** Both have proved what they do: now both send it. */
  const atOnce = async (calls: (() => Promise<{ status: string }>)[]) =>
    (await Promise.all(calls.map((call) => call()))).map(({ status }) => status);
  const approves = async (id: string) => {
    const proof = await alans.answersWithCode(await alans.calls(approve, { approvalId: id }));
    return () => alans.calls(approve, { approvalId: id }, { proof });
  };

  it("approved and withdrawn at once: one of the two, and what is said is what was done", async () => {
    const id = await asks();
    const approving = await approves(id);
    await ada.waitsForTheNextCode();
    const proof = await adas.answersWithCode(await adas.calls(withdraw, { approvalId: id }));
    const said = await atOnce([approving, () => adas.calls(withdraw, { approvalId: id }, { proof })]);
    expect(said.filter((status) => status === "done")).toHaveLength(1);
    expect(await outcomeOf(id)).toBe(said[0] === "done" ? "approved" : "withdrawn");
    expect(await appsOf(theo)).toBe(said[0] === "done" ? 0 : 1);
  });

  it("approved and declined at once, likewise", async () => {
    const id = await asks();
    const approving = await approves(id);
    const input = { approvalId: id, reason: "Theo did not call anybody" };
    const proof = await graces.answersWithCode(await graces.calls(decline, input));
    const said = await atOnce([approving, () => graces.calls(decline, input, { proof })]);
    expect(said.filter((status) => status === "done")).toHaveLength(1);
    expect(await outcomeOf(id)).toBe(said[0] === "done" ? "approved" : "declined");
    expect(await appsOf(theo)).toBe(said[0] === "done" ? 0 : 1);
  });

  it("approved while its asker is disabled: before it or never", async () => {
    const id = await asks();
    const approving = await approves(id);
    const input = { personId: ada.id, reason };
    const proof = await graces.answersWithCode(await graces.calls(disableUser, input));
    const [approved, disabled] = await atOnce([approving, () => graces.calls(disableUser, input, { proof })]);
    // The prompt names the request: where it is decided by then, it reads otherwise, and is confirmed anew.
    if (approved === "done" && disabled === "step-up-required")
      dataOf(await graces.stepsUpAgain(disableUser, input));
    else expect(disabled).toBe("done");
    expect(await outcomeOf(id)).toBe(approved === "done" ? "approved" : "outdated");
    expect(await appsOf(theo)).toBe(approved === "done" ? 0 : 1);
  });

  it("is approved by nobody who was turned out after they had confirmed", async () => {
    const id = await asks();
    const approving = await approves(id);
    const input = { personId: alan.id, role: "manager", team: "", reason };
    dataOf(await graces.stepsUp(changeRole, input));
    expect((await approving()).status).not.toBe("done");
    expect(await appsOf(theo)).toBe(1);
  });

  it("two administrators who disable each other at once: one stays", async () => {
    const [one, other] = [
      { personId: alan.id, reason },
      { personId: ada.id, reason },
    ];
    const proofs = [
      await adas.answersWithCode(await adas.calls(disableUser, one)),
      await alans.answersWithCode(await alans.calls(disableUser, other)),
    ] as const;
    const said = await atOnce([
      () => adas.calls(disableUser, one, { proof: proofs[0] }),
      () => alans.calls(disableUser, other, { proof: proofs[1] }),
    ]);
    expect(said.filter((status) => status === "done")).toHaveLength(1);
    expect(await world.count(sql`people where id in (${ada.id}, ${alan.id}) and disabled_at is null`)).toBe(
      1,
    );
  });

  it.each([
    ["disabled", disableUser, {}],
    ["given another role", changeRole, { role: "manager", team: "" }],
  ] as const)(
    "is closed once its asker is %s: the prompt names it, the log and they are told",
    async (_what, command, how) => {
      const id = await asks();
      const input = { personId: ada.id, reason, ...how };
      const asked = await alans.calls(command as typeof disableUser, input);
      expect(challengeOf(asked).prompt.changes).toContainEqual({
        label: "Requests for approval",
        from: "1 of Ada: a reset of Theo's second factors",
        to: "closed",
      });
      const proof = await alans.answersWithCode(asked);
      dataOf(await alans.calls(command as typeof disableUser, input, { proof }));
      expect(await outcomeOf(id)).toBe("outdated");
      expect((await graces.calls(approve, { approvalId: id })).status).toBe("forbidden");
      expect(await world.audit("admin.end-request")).toMatchObject([
        { actorId: alan.id, recordId: id, detail: { askedBy: ada.id, because: "asker-left" } },
      ]);
      expect((await world.mailsTo(ada.email)).map(({ kind }) => kind)).toContain("approval-ended");
    },
  );

  it("is closed with the account that it is about, and its asker is told why", async () => {
    const id = await asks();
    dataOf(await graces.stepsUp(disableUser, { personId: theo.id }));
    expect(await outcomeOf(id)).toBe("outdated");
    const [mail] = await world.mailsTo(ada.email);
    expect(mail?.body).toContain("The account that it is about was disabled");
  });

  it("runs out by itself, with a row and a mail, once", async () => {
    const id = await asks();
    await keepDeadlines(world.database);
    expect(await outcomeOf(id)).toBeNull();
    await world.rows(sql`update approvals set expires_at = now()`);
    await keepDeadlines(world.database);
    await keepDeadlines(world.database);
    expect(await world.audit("admin.end-request")).toMatchObject([
      { actorId: null, recordId: id, detail: { because: "ran-out" } },
    ]);
    expect((await world.mailsTo(ada.email)).filter(({ kind }) => kind === "approval-ended")).toHaveLength(1);
  });

  it("is one of so many of one administrator", async () => {
    for (let n = 0; n < mostOpen; n++)
      await world.rows(sql`insert into approvals (kind, subject, input, reason, asked_by, expires_at)
        values ('reset-factors', ${`somebody ${n}`}, '{}', 'A reason to ask', ${ada.id}, now() + interval '1 day')`);
    expect(await adas.stepsUp(askToReset, { personId: theo.id, reason })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("open requests"),
    });
  });

  it("costs who reads many of them no look at the log for each", async () => {
    const queriesFor = async () => {
      const person = (await graces.session())?.person;
      if (!person) throw new Error("no session");
      world.queries.length = 0;
      const { length } = await readOpenApprovals(world.reader, person);
      const log = world.queries.filter((statement) => statement.includes("audit_events"));
      return { shown: length, log: log.length };
    };
    await asks();
    expect(await queriesFor()).toEqual({ shown: 1, log: 1 });
    for (let n = 0; n < 3; n++) await asks(await world.employee({ totp: true }));
    expect(await queriesFor()).toEqual({ shown: 4, log: 1 });
  });

  describe("where nobody could approve", () => {
    const ways = (target: Someone = theo) =>
      readWaysToAsk(world.reader, { askedBy: ada.id, target: target.id });
    const without = (...gone: Someone[]) =>
      Promise.all(
        gone.map(({ id }) => world.rows(sql`update people set disabled_at = now() where id = ${id}`)),
      );

    it("says nothing where somebody can", async () => {
      expect(Object.values(await ways())).toEqual([null, null, null]);
    });

    it("says what is left, by kind: the host recovers an account, restores a policy, and makes no administrator", async () => {
      await without(alan, grace);
      const said = await ways();
      expect(said["reset-factors"]).toMatchObject({
        because: expect.stringContaining("only administrator"),
        command: expect.stringContaining("admin:recover"),
      });
      expect(said["make-administrator"]?.left).toContain("disabled account");
      expect(said["loosen-policy"]).toMatchObject({
        left: expect.stringContaining("earlier version"),
        command: expect.stringContaining("policy:restore"),
      });
    });

    it("names who can, and from which day", async () => {
      await without(grace);
      await world.rows(sql`insert into audit_events (at, actor_id, action, outcome, detail)
        values (now() - interval '10 days', ${alan.id}, 'link.accept-invitation', 'allowed', ${JSON.stringify({ invitedBy: ada.id })}::jsonb)`);
      const [day] = await world.rows<{ at: string }>(
        sql`select to_char((now() + interval '20 days') at time zone 'UTC', 'FMDD FMMonth YYYY') as at`,
      );
      expect((await ways())["reset-factors"]?.because).toContain(`Alan can from ${day?.at}`);
    });

    it("counts nobody who is the subject, is locked, or has nothing to confirm with", async () => {
      await without(grace);
      expect((await ways(alan))["reset-factors"]?.because).toContain("the one it is about");
      await world.rows(
        sql`update authenticators set probation_until = now() + interval '1 hour' where user_id = ${alan.id}`,
      );
      expect((await ways())["reset-factors"]?.because).toContain("during its probation");
      await world.rows(sql`update authenticators set probation_until = null where user_id = ${alan.id}`);
      expect((await ways())["reset-factors"]).toBeNull();
      // Nor whose authenticators the policy doesn't accept, or has switched off.
      for (const [actions, rest] of [
        [{ "admin.approve": { factors: ["passkey"] } }, {}],
        [{}, { factors: { totp: false } }],
      ] as const) {
        await world.policy(actions, rest);
        expect((await ways())["reset-factors"]?.because).toContain("a second factor that confirms it");
      }
      await world.policy({});
      expect((await ways())["reset-factors"]).toBeNull();
      await world.rows(sql`update people set password_locked_at = now() where id = ${alan.id}`);
      expect((await ways())["reset-factors"]).not.toBeNull();
    });
  });
});
