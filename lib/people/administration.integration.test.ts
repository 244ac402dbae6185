import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { readOpenApprovals } from "@/lib/approvals/read";
import { editCustomer } from "@/lib/customers/edit-customer";
import { type Browser, challengeOf, dataOf, edit, type Someone, World } from "@/lib/testing/pipeline";
import { answerHelp } from "./answer-help";
import { askToReset } from "./ask-to-reset";
import { changeRole } from "./change-role";
import { disableUser } from "./disable-user";
import { enableUser } from "./enable-user";
import { endSessionsOf } from "./end-sessions-of";
import { inviteColleague } from "./invite";

const reason = "The office in Vienna needs one";

describe.each(testDatabases.map(({ name }) => name))("administering people on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let alan: Someone;
  let theo: Someone;
  let adas: Browser;
  let alans: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    ({ ada, alan, adas, alans } = await world.administrators());
    theo = await world.employee({ totp: true, name: "Theo" });
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const rowOf = async ({ id }: Someone) => {
    const [row] = await world.rows<{ role: string; team: string | null; open: boolean; version: number }>(
      sql`select role, team_id as team, disabled_at is null as open, version from people where id = ${id}`,
    );
    return row;
  };
  const managerOf = async (customerId: string) => (await world.customerRow(customerId)).accountManagerId;
  const kindsTo = async ({ email }: Someone) => (await world.mailsTo(email)).map(({ kind }) => kind);
  const personOf = async (browser: Browser) => {
    const session = await browser.session();
    if (!session) throw new Error("no session");
    return session.person;
  };
  const approvesFirst = async (browser: Browser) => {
    const [open] = await readOpenApprovals(world.reader, await personOf(browser));
    return browser.stepsUpAgain(approve, { approvalId: open?.id });
  };

  describe("changing a role or team", () => {
    it("names the change, ends the sessions, tells the person, and hands over what they see no more", async () => {
      const south = await world.newTeam("South");
      const erin = await world.employee({ name: "Erin" });
      const acme = await world.customer({ accountManagerId: theo.id });
      const theirs = await theo.signsIn();
      const input = { personId: theo.id, role: "employee", team: "South", customersTo: erin.id };
      expect(challengeOf(await adas.calls(changeRole, input))).toMatchObject({
        binding: "input",
        prompt: {
          purpose: "to change Theo's role or team",
          changes: [
            { label: "Account", from: null, to: theo.email },
            { label: "Team", from: "North", to: "South" },
            { label: "Customers", from: "1 of Theo", to: "Erin" },
          ],
        },
      });
      expect(dataOf(await adas.stepsUpAgain(changeRole, input))).toEqual({ waits: false });
      expect(await rowOf(theo)).toMatchObject({ role: "employee", team: south });
      expect(await theirs.session()).toBeNull();
      expect(await managerOf(acme.id)).toBe(erin.id);
      expect((await world.customerRow(acme.id)).version).toBe(acme.version + 1);
      expect(await kindsTo(theo)).toEqual(["role-changed"]);
      expect((await world.audit("admin.change-role")).map(({ detail }) => detail)).toMatchObject([
        {
          step: "changed",
          from: "employee",
          to: "employee",
          toTeam: south,
          customers: { toColleague: 1, toNobody: 0 },
          ended: 1,
        },
      ]);
    });

    it("keeps a manager's customers, who see all teams", async () => {
      const acme = await world.customer({ accountManagerId: theo.id });
      dataOf(await adas.stepsUpAgain(changeRole, { personId: theo.id, role: "manager", team: "" }));
      expect(await managerOf(acme.id)).toBe(theo.id);
      expect((await world.customerRow(acme.id)).version).toBe(acme.version);
    });

    it("is nobody's for themselves, nobody's who is no administrator, and nothing where nothing changes", async () => {
      const maya = await (await world.manager({ totp: true })).signsIn();
      const input = { personId: theo.id, role: "manager", team: "" };
      expect((await maya.calls(changeRole, input)).status).toBe("forbidden");
      const own = { personId: ada.id, role: "manager", team: "" };
      expect((await adas.calls(changeRole, own)).status).toBe("forbidden");
      expect(
        await adas.calls(changeRole, { personId: theo.id, role: "employee", team: "North" }),
      ).toMatchObject({
        status: "invalid",
        message: expect.stringContaining("already"),
      });
      expect(await rowOf(theo)).toMatchObject({ role: "employee", team: world.team });
    });

    it("a proof for one role gives no other", async () => {
      const input = { personId: theo.id, role: "manager", team: "" };
      const proof = await adas.answersWithCode(await adas.calls(changeRole, input));
      const other = { personId: theo.id, role: "auditor", team: "" };
      expect((await adas.calls(changeRole, other, { proof })).status).toBe("step-up-required");
      expect((await rowOf(theo))?.role).toBe("employee");
    });

    it("a change that somebody else made in between is not overwritten", async () => {
      const input = { personId: theo.id, role: "manager", team: "" };
      const proof = await adas.answersWithCode(await adas.calls(changeRole, input));
      dataOf(await alans.stepsUpAgain(changeRole, { personId: theo.id, role: "auditor", team: "" }));
      // What was confirmed was about an employee: it is asked for anew.
      expect((await adas.calls(changeRole, input, { proof })).status).toBe("step-up-required");
      expect((await rowOf(theo))?.role).toBe("auditor");
    });

    it("makes an administrator only with a second one's approval (threats.md 20)", async () => {
      const input = { personId: theo.id, role: "administrator", team: "" };
      expect(await adas.calls(changeRole, input)).toMatchObject({
        status: "invalid",
        fields: { reason: expect.any(String) },
      });
      expect(dataOf(await adas.stepsUpAgain(changeRole, { ...input, reason }))).toEqual({ waits: true });
      expect((await rowOf(theo))?.role).toBe("employee");
      const theirs = await theo.signsIn();
      dataOf(await approvesFirst(alans));
      expect(await rowOf(theo)).toMatchObject({ role: "administrator", team: null });
      expect(await theirs.session()).toBeNull();
      // Both took part: neither approves for the new one, nor the new one for them.
      const erin = await world.employee({ totp: true });
      dataOf(await adas.stepsUpAgain(askToReset, { personId: erin.id, reason }));
      const [open] = await readOpenApprovals(world.reader, await personOf(await theo.signsIn()));
      expect(open?.because).toMatch(/30 days/);
    });

    it("lets the one who is alone make a second administrator, with whom they are tied", async () => {
      await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${alan.id}`);
      dataOf(await adas.stepsUpAgain(changeRole, { personId: theo.id, role: "administrator", team: "" }));
      expect((await rowOf(theo))?.role).toBe("administrator");
      const erin = await world.employee({ totp: true });
      expect(await adas.stepsUpAgain(askToReset, { personId: erin.id, reason })).toMatchObject({
        status: "invalid",
        message: expect.stringContaining("30 days"),
      });
    });

    it("of an administrator takes back what they had asked for and whom they had invited, and tells the others", async () => {
      dataOf(await alans.stepsUpAgain(askToReset, { personId: theo.id, reason }));
      const bob = { name: "Bob", email: "bob@company.example", role: "employee", team: "North" };
      dataOf(await alans.stepsUpAgain(inviteColleague, bob));
      const input = { personId: alan.id, role: "manager", team: "", reason };
      expect(challengeOf(await adas.calls(changeRole, input)).prompt.changes).toContainEqual({
        label: "Open invitations",
        from: "1 of Alan",
        to: "taken back",
      });
      dataOf(await adas.stepsUpAgain(changeRole, input));
      expect(await world.count(sql`approvals where outcome is null`)).toBe(0);
      expect(await world.count(sql`links where purpose = 'invitation' and revoked_at is null`)).toBe(0);
      expect(await alans.session()).toBeNull();
      expect(await kindsTo(ada)).toContain("administrators-changed");
    });

    it("of two administrators who turn each other out at once one stays", async () => {
      const [one, other] = [
        { personId: alan.id, role: "manager", team: "", reason },
        { personId: ada.id, role: "manager", team: "", reason },
      ];
      const proofs = [
        await adas.answersWithCode(await adas.calls(changeRole, one)),
        await alans.answersWithCode(await alans.calls(changeRole, other)),
      ];
      const results = await Promise.all([
        adas.calls(changeRole, one, { proof: proofs[0] }),
        alans.calls(changeRole, other, { proof: proofs[1] }),
      ]);
      expect(results.filter(({ status }) => status === "done")).toHaveLength(1);
      expect(await world.count(sql`people where role = 'administrator'`)).toBe(1);
    });
  });

  describe("disabling an account", () => {
    it("ends the sessions and hands everything over in one confirmation that names it", async () => {
      const erin = await world.employee({ name: "Erin" });
      const south = await world.newTeam();
      const [acme, foreign] = [
        await world.customer({ accountManagerId: theo.id }),
        await world.customer({ accountManagerId: theo.id, teamId: south }),
      ];
      const theirs = await theo.signsIn();
      const open = await theirs.stepsUp(editCustomer, edit(acme, { city: "Kiel" }));
      expect(open.status).toBe("done");
      const version = (await world.customerRow(acme.id)).version;
      const input = { personId: theo.id, customersTo: erin.id };
      expect(challengeOf(await adas.calls(disableUser, input)).prompt).toMatchObject({
        purpose: "to disable the account of Theo",
        changes: [
          { label: "Account", from: `${theo.email}, open`, to: "disabled" },
          { label: "Customers", from: "2 of Theo", to: "1 to Erin, 1 to nobody" },
        ],
      });
      dataOf(await adas.stepsUpAgain(disableUser, input));
      expect((await rowOf(theo))?.open).toBe(false);
      expect(await theirs.session()).toBeNull();
      expect(await managerOf(acme.id)).toBe(erin.id);
      // Not of Erin's team: nobody, rather than somebody who doesn't see it.
      expect(await managerOf(foreign.id)).toBeNull();
      // A form that was open meanwhile is told.
      expect((await world.customerRow(acme.id)).version).toBe(version + 1);
      expect(await kindsTo(theo)).toEqual(["account-disabled"]);
    });

    it("of an administrator hands invitations over to who disables, but none that makes an administrator", async () => {
      const bob = { name: "Bob", email: "bob@company.example", role: "employee", team: "North" };
      dataOf(await alans.stepsUpAgain(inviteColleague, bob));
      await world.rows(sql`insert into links (purpose, token_hash, data, created_by, expires_at) values ('invitation', 'x',
        ${JSON.stringify({ email: "eve@company.example", name: "Eve", role: "administrator", teamId: null })}::jsonb, ${alan.id}, now() + interval '1 hour')`);
      const input = { personId: alan.id, invitations: "hand-over", reason };
      expect(challengeOf(await adas.calls(disableUser, input)).prompt.changes).toContainEqual({
        label: "Open invitations",
        from: "2 of Alan",
        to: "1 yours, 1 taken back",
      });
      dataOf(await adas.stepsUpAgain(disableUser, input));
      const links = await world.rows(
        sql`select data->>'name' as name, created_by = ${ada.id} as hers, revoked_at is not null as revoked from links
          where purpose = 'invitation' order by 1`,
      );
      expect(links).toEqual([
        { name: "Bob", hers: true, revoked: false },
        { name: "Eve", hers: false, revoked: true },
      ]);
    });

    it("an answer that was lost, repeated, is the answer, and nothing is done twice (threats.md 7c)", async () => {
      const callId = crypto.randomUUID();
      const input = { personId: theo.id };
      const proof = await adas.answersWithCode(await adas.calls(disableUser, input, { callId }));
      dataOf(await adas.calls(disableUser, input, { callId, proof }));
      expect((await adas.calls(disableUser, input, { callId, proof })).status).toBe("done");
      expect((await rowOf(theo))?.version).toBe(2);
      expect((await adas.calls(disableUser, input)).status).toBe("invalid");
    });

    it("is nobody's for themselves", async () => {
      expect((await adas.calls(disableUser, { personId: ada.id })).status).toBe("forbidden");
    });

    it("takes no colleague who can't look after customers", async () => {
      for (const customersTo of [alan.id, theo.id, crypto.randomUUID()])
        expect(await adas.calls(disableUser, { personId: theo.id, customersTo })).toMatchObject({
          status: "invalid",
          fields: { customersTo: expect.any(String) },
        });
    });

    it("is undone by enabling; an administrator's only with a second one's approval", async () => {
      dataOf(await adas.stepsUpAgain(disableUser, { personId: theo.id }));
      dataOf(await adas.stepsUpAgain(enableUser, { personId: theo.id }));
      expect((await rowOf(theo))?.open).toBe(true);
      const grace = await world.administrator({ totp: true, name: "Grace" });
      expect(await adas.calls(disableUser, { personId: grace.id })).toMatchObject({
        fields: { reason: expect.stringContaining("told why") },
      });
      dataOf(await adas.stepsUpAgain(disableUser, { personId: grace.id, reason }));
      expect((await adas.calls(enableUser, { personId: grace.id })).status).toBe("invalid");
      expect(dataOf(await adas.stepsUpAgain(enableUser, { personId: grace.id, reason }))).toEqual({
        waits: true,
      });
      expect((await rowOf(grace))?.open).toBe(false);
      dataOf(await approvesFirst(alans));
      expect(await rowOf(grace)).toMatchObject({ open: true, role: "administrator" });
    });
  });

  it("opens an administrator's account without asking where nobody is left to ask, and ties the two", async () => {
    dataOf(await adas.stepsUpAgain(disableUser, { personId: alan.id, reason }));
    expect((await adas.calls(enableUser, { personId: alan.id })).status).toBe("invalid");
    await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${alan.id}`);
    expect(dataOf(await adas.stepsUpAgain(enableUser, { personId: alan.id }))).toEqual({ waits: false });
    expect((await rowOf(alan))?.open).toBe(true);
    expect(await adas.stepsUpAgain(askToReset, { personId: theo.id, reason })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("30 days"),
    });
  });

  it("signs a colleague out of one session or all, and tells them", async () => {
    const [one, other] = [await theo.signsIn(), await theo.signsIn()];
    dataOf(await adas.stepsUpAgain(endSessionsOf, { personId: theo.id, which: one.sessionId }));
    expect([await one.session(), (await other.session())?.userId]).toEqual([null, theo.id]);
    await world.rows(sql`insert into trusted_devices (person_id, device_hash, expires_at)
      values (${theo.id}, 'desk', now() + interval '1 day')`);
    dataOf(await adas.stepsUpAgain(endSessionsOf, { personId: theo.id, which: "all" }));
    expect(await world.count(sql`trusted_devices where person_id = ${theo.id} and revoked_at is null`)).toBe(
      0,
    );
    expect(await other.session()).toBeNull();
    expect(await kindsTo(theo)).toEqual(["sessions-ended", "sessions-ended"]);
    expect((await adas.calls(endSessionsOf, { personId: ada.id, which: "all" })).status).toBe("forbidden");
    const foreign = { personId: theo.id, which: alans.sessionId };
    expect((await adas.calls(endSessionsOf, foreign)).status).toBe("forbidden");
    expect((await alans.session())?.userId).toBe(alan.id);
  });

  it("closes a request for help once, and nobody their own", async () => {
    const ask = async ({ id }: Someone) =>
      (
        await world.rows<{ id: string }>(
          sql`insert into help_requests (person_id, action) values (${id}, 'customer.edit') returning id`,
        )
      )[0]?.id;
    const [theirs, own] = [await ask(theo), await ask(ada)];
    expect((await adas.calls(answerHelp, { requestId: own })).status).toBe("forbidden");
    dataOf(await adas.stepsUpAgain(answerHelp, { requestId: theirs }));
    expect(await world.rows(sql`select resolved_by from help_requests where id = ${theirs}`)).toEqual([
      { resolved_by: ada.id },
    ]);
    expect((await alans.calls(answerHelp, { requestId: theirs })).status).toBe("forbidden");
  });
});
