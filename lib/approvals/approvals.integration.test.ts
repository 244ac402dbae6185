import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { askToReset } from "@/lib/people/ask-to-reset";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { takeAdministrationTurn } from "./ask";
import { approve, decline, withdraw } from "./decide";
import { readOpenApprovals } from "./read";
import { tieDays } from "./ties";

const reason = "Lost the phone, called me back";

describe.each(testDatabases.map(({ name }) => name))("a second administrator's approval on %s", (kind) => {
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

  const asks = async (by: Browser = adas, about: Someone = theo) => {
    return dataOf(await by.stepsUpAgain(askToReset, { personId: about.id, reason })).approvalId;
  };
  const approves = (by: Browser, approvalId: string) => by.stepsUpAgain(approve, { approvalId });
  const seenBy = async (browser: Browser) => {
    const person = (await browser.session())?.person;
    if (!person) throw new Error("no session");
    return readOpenApprovals(world.reader, person);
  };
  const stateOf = async (id: string) =>
    (
      await world.rows<{ outcome: string | null; decided_by: string | null }>(
        sql`select outcome, decided_by from approvals where id = ${id}`,
      )
    )[0];
  const appsOf = ({ id }: Someone) =>
    world.count(sql`authenticators where user_id = ${id} and removed_at is null`);
  const kindsTo = async ({ email }: Someone) => (await world.mailsTo(email)).map(({ kind }) => kind);
  /** As the log has it: one made the other what they are, so many days ago. */
  const logged = (row: { action: string; actor: Someone; record?: Someone; detail: object; days?: number }) =>
    world.rows(sql`insert into audit_events (at, actor_id, action, outcome, record_type, record_id, detail)
      values (now() - make_interval(days => ${row.days ?? 1}), ${row.actor.id}, ${row.action}, 'allowed',
        ${row.record ? "person" : null}, ${row.record?.id ?? null}, ${JSON.stringify(row.detail)}::jsonb)`);

  it("changes nothing when it is asked for, and tells every other administrator", async () => {
    const id = await asks();
    expect(await appsOf(theo)).toBe(1);
    expect(await stateOf(id)).toEqual({ outcome: null, decided_by: null });
    expect(await kindsTo(alan)).toEqual(["approval-asked"]);
    expect(await kindsTo(ada)).toEqual([]);
    const [row] = await world.audit("admin.reset-factors");
    expect(row).toMatchObject({
      actorId: ada.id,
      recordId: theo.id,
      outcome: "allowed",
      detail: { step: "asked", approval: id, reason },
    });
  });

  it("is confirmed in words that name whom it changes, who asked and why, and then it is done", async () => {
    const id = await asks();
    const asked = await alans.calls(approve, { approvalId: id });
    expect(challengeOf(asked)).toMatchObject({
      binding: "input",
      prompt: {
        purpose: "to reset the second factors of Theo",
        verb: "Approve",
        changes: expect.arrayContaining([
          { label: "Authenticators", from: "Phone", to: "none" },
          { label: "Asked for by", from: null, to: `Ada (${ada.email})` },
          { label: "Reason", from: null, to: reason },
        ]),
      },
    });
    dataOf(await approves(alans, id));
    expect(await stateOf(id)).toEqual({ outcome: "approved", decided_by: alan.id });
    expect(await appsOf(theo)).toBe(0);
    expect(await kindsTo(ada)).toEqual(["approval-decided"]);
    expect(await kindsTo(theo)).toEqual(["factors-reset"]);
    expect(await world.audit("admin.approve")).toMatchObject([
      {
        actorId: alan.id,
        recordType: "person",
        recordId: theo.id,
        detail: { step: "approved", kind: "reset-factors", approval: id, askedBy: ada.id, reason },
      },
    ]);
  });

  it("never comes from who asked, nor from whom it is about (threats.md 20)", async () => {
    const grace = await world.administrator({ totp: true, name: "Grace" });
    const graces = await grace.signsIn();
    const id = await asks(adas, alan);
    expect((await adas.calls(approve, { approvalId: id })).status).toBe("forbidden");
    expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
    expect((await alans.calls(decline, { approvalId: id, reason })).status).toBe("forbidden");
    expect((await seenBy(alans)).map(({ because }) => because)).toEqual([expect.stringMatching(/about you/)]);
    expect((await seenBy(adas)).map(({ mine }) => mine)).toEqual([true]);
    expect((await seenBy(graces)).map(({ because }) => because)).toEqual([null]);
    dataOf(await approves(graces, id));
  });

  it("is nobody's to ask for oneself, and nobody's who is no administrator", async () => {
    expect((await adas.calls(askToReset, { personId: ada.id, reason })).status).toBe("forbidden");
    const maya = await (await world.manager({ totp: true })).signsIn();
    expect((await maya.calls(askToReset, { personId: theo.id, reason })).status).toBe("forbidden");
    const id = await asks();
    for (const [command, input] of [
      [approve, { approvalId: id }],
      [withdraw, { approvalId: id }],
    ] as const)
      expect((await maya.calls(command, input)).status).toBe("forbidden");
    expect(await seenBy(maya)).toEqual([]);
  });

  it("never comes from somebody whom the asker invited, promoted or reset in the last 30 days", async () => {
    const grace = await world.administrator({ totp: true, name: "Grace" });
    const graces = await grace.signsIn();
    const id = await asks();
    const made = [
      { action: "link.accept-invitation", actor: alan, detail: { invitedBy: ada.id } },
      { action: "link.accept-invitation", actor: alan, detail: { invitedBy: grace.id, approvedBy: ada.id } },
      { action: "admin.change-role", actor: ada, record: alan, detail: { makes: "administrator" } },
      {
        action: "admin.approve",
        actor: grace,
        record: alan,
        detail: { makes: "administrator", askedBy: ada.id },
      },
      {
        action: "admin.approve",
        actor: grace,
        record: alan,
        detail: { makes: "new-factors", askedBy: ada.id },
      },
    ];
    expect((await seenBy(alans)).map(({ because }) => because)).toEqual([null]);
    for (const row of made) {
      await world.rows(sql`alter table audit_events disable trigger user`);
      await world.rows(
        sql`delete from audit_events where detail ? 'makes' or action = 'link.accept-invitation'`,
      );
      await world.rows(sql`alter table audit_events enable trigger user`);
      await logged({ ...row, days: tieDays + 1 });
      expect(
        (await seenBy(alans)).map(({ because }) => because),
        "long ago",
      ).toEqual([null]);
      await logged({ ...row, days: tieDays - 1 });
      expect((await seenBy(alans)).map(({ because }) => because)).toEqual([expect.stringMatching(/30 days/)]);
      expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
    }
    expect((await seenBy(graces)).map(({ because }) => because)).toEqual([null]);
  });

  it("nor from whoever made the asker what they are: a puppet asks for nothing", async () => {
    const grace = await world.administrator({ totp: true, name: "Grace" });
    await logged({ action: "link.accept-invitation", actor: ada, detail: { invitedBy: alan.id } });
    const id = await asks();
    expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
    dataOf(await approves(await grace.signsIn(), id));
  });

  // The embedded database has one connection: nothing comes between there.
  const comesBetween = kind === "PostgreSQL" ? it : () => undefined;
  comesBetween("looks at who may approve again in the transaction of the change", async () => {
    const id = await asks();
    const proof = await alans.answersWithCode(await alans.calls(approve, { approvalId: id }));
    const running = await world.database.transaction(async (tx) => {
      await takeAdministrationTurn(tx, ada);
      const call = alans.calls(approve, { approvalId: id }, { proof });
      // Past the check at the door: it waits for its turn.
      await expect.poll(() => world.waiters(), { timeout: 15_000 }).toBeGreaterThan(0);
      await logged({
        action: "link.accept-invitation",
        actor: alan,
        detail: { invitedBy: ada.id },
        days: 0,
      });
      return { call };
    });
    expect(await running.call).toMatchObject({
      status: "forbidden",
      message: expect.stringContaining("30 days"),
    });
    expect(await appsOf(theo)).toBe(1);
    expect((await stateOf(id))?.outcome).toBe(null);
  });

  comesBetween("does what was confirmed, or nothing: what reads otherwise by then is refused", async () => {
    const id = await asks();
    const proof = await alans.answersWithCode(await alans.calls(approve, { approvalId: id }));
    const running = await world.database.transaction(async (tx) => {
      await takeAdministrationTurn(tx, ada);
      const call = alans.calls(approve, { approvalId: id }, { proof });
      await expect.poll(() => world.waiters(), { timeout: 15_000 }).toBeGreaterThan(0);
      await theo.hasAPasskey("Added meanwhile");
      return { call };
    });
    expect(await running.call).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("changed in the meantime"),
    });
    expect(await appsOf(theo)).toBe(2);
  });

  it("is one request of a kind and person at a time", async () => {
    await asks();
    expect(await alans.stepsUpAgain(askToReset, { personId: theo.id, reason })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("asked for already"),
    });
    expect(await world.count(sql`approvals`)).toBe(1);
  });

  it("is refused where nobody could give it, and says what is left", async () => {
    await world.rows(sql`update people set disabled_at = now() where id = ${alan.id}`);
    expect(await adas.stepsUp(askToReset, { personId: theo.id, reason })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("admin:recover"),
    });
    expect(await world.count(sql`approvals`)).toBe(0);
  });

  it("two at once: one wins, and it is done once", async () => {
    const grace = await world.administrator({ totp: true, name: "Grace" });
    const graces = await grace.signsIn();
    const id = await asks();
    const results = await Promise.all([approves(alans, id), approves(graces, id)]);
    expect(results.map(({ status }) => status).sort()).not.toEqual(["done", "done"]);
    expect(results.filter(({ status }) => status === "done")).toHaveLength(1);
    expect(await kindsTo(theo)).toEqual(["factors-reset"]);
    expect(await world.audit("admin.approve")).toContainEqual(
      expect.objectContaining({ outcome: "allowed", detail: expect.objectContaining({ step: "approved" }) }),
    );
  });

  it("runs out after seven days, and can be asked for anew", async () => {
    const id = await asks();
    const [row] = await world.rows<{ days: number }>(
      sql`select round(extract(epoch from expires_at - asked_at) / 86400)::int as days from approvals`,
    );
    expect(row?.days).toBe(7);
    await world.rows(sql`update approvals set expires_at = now() where id = ${id}`);
    expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
    expect(await seenBy(alans)).toEqual([]);
    await asks();
    expect((await stateOf(id))?.outcome).toBe("outdated");
  });

  it.each([
    ["disabled", sql`update people set disabled_at = now()`],
    ["no administrator any more", sql`update people set role = 'employee'`],
  ])("is outdated once the asker is %s", async (_what, change) => {
    const id = await asks();
    await world.rows(sql`${change} where id = ${ada.id}`);
    expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
    expect(await seenBy(alans)).toEqual([]);
    expect(await appsOf(theo)).toBe(1);
  });

  it("a proof for one request approves no other, and none that reads otherwise by then", async () => {
    const erin = await world.employee({ totp: true, name: "Erin" });
    const [one, other] = [await asks(), await asks(adas, erin)];
    const proof = await alans.answersWithCode(await alans.calls(approve, { approvalId: one }));
    expect((await alans.calls(approve, { approvalId: other }, { proof })).status).toBe("step-up-required");
    await theo.hasAPasskey("Another key");
    expect((await alans.calls(approve, { approvalId: one }, { proof })).status).toBe("step-up-required");
    expect([await appsOf(theo), await appsOf(erin)]).toEqual([2, 1]);
  });

  it("is declined with a reason that the asker reads; nothing is changed", async () => {
    const id = await asks();
    expect((await alans.calls(decline, { approvalId: id, reason: "no" })).status).toBe("invalid");
    dataOf(await alans.stepsUp(decline, { approvalId: id, reason: "Theo did not call anybody" }));
    expect(await stateOf(id)).toEqual({ outcome: "declined", decided_by: alan.id });
    expect((await world.mailsTo(ada.email))[0]?.body).toContain("Theo did not call anybody");
    expect(await appsOf(theo)).toBe(1);
    expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
  });

  it("is withdrawn by who asked, and by nobody else", async () => {
    const id = await asks();
    expect((await alans.calls(withdraw, { approvalId: id })).status).toBe("forbidden");
    dataOf(await adas.stepsUpAgain(withdraw, { approvalId: id }));
    expect((await stateOf(id))?.outcome).toBe("withdrawn");
    expect((await alans.calls(approve, { approvalId: id })).status).toBe("forbidden");
  });

  it("a copied cookie approves nothing without a proof for exactly this", async () => {
    const id = await asks();
    const thief = alans.copy();
    const answer = await thief.calls(approve, { approvalId: id });
    expect(answer.status).toBe("step-up-required");
    const wrong = { proof: await thief.answersWithCode(answer, await alan.wrongCode()) };
    expect((await thief.calls(approve, { approvalId: id }, wrong)).status).toBe("proof-rejected");
    expect((await stateOf(id))?.outcome).toBe(null);
  });
});
