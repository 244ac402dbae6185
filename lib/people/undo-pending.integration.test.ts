import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { noticeTo } from "@/lib/notices/outbox";
import { notMe } from "@/lib/security/not-me/not-me";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { acceptInvitation, lookAtInvitation } from "./accept-invitation";
import { askToReset } from "./ask-to-reset";
import { disableUser } from "./disable-user";
import { enableUser } from "./enable-user";
import { giveRole } from "./give-role";
import { inviteColleague } from "./invite";
import { readAccount } from "./read-subject";
import { recoverPerson } from "./recover-person";

const reason = "Lost the phone, called me back";
const password = "seven bridges over the Pregel";

describe.each(testDatabases.map(({ name }) => name))("an account that was somebody else's, on %s", (kind) => {
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

  const asks = async (by: Browser, about: Someone) => {
    return dataOf(await by.stepsUpAgain(askToReset, { personId: about.id, reason })).approvalId;
  };
  const approves = (by: Browser, approvalId: string) => by.stepsUpAgain(approve, { approvalId });
  const tokenIn = (text: string) => /#([\w-]+)/.exec(text)?.[1] ?? "";
  const reports = async (someone: Someone) => {
    const mail = { kind: "test", subject: "Something was done", body: "It was." };
    await world.database.transaction((tx) => noticeTo(tx, someone, mail, { did: "signed-in" }));
    const token = (await world.mailsTo(someone.email)).find((one) => one.kind === "test")?.links[0] ?? "";
    expect(await world.visits(notMe, { token })).toMatchObject({ status: "done" });
  };
  /** What Alan's thief set going: a request, and an invitation with its link in the thief's hand. */
  const thiefBegins = async () => {
    const approvalId = await asks(alans, theo);
    const bob = { name: "Bob", email: "bob@company.example", role: "employee", team: "North" };
    const { link } = dataOf(await alans.stepsUpAgain(inviteColleague, bob));
    return { approvalId, token: tokenIn(link ?? "") };
  };
  const isOver = async ({ approvalId, token }: { approvalId: string; token: string }) => {
    expect((await adas.calls(approve, { approvalId })).status).toBe("forbidden");
    expect((await world.visits(lookAtInvitation, { token })).status).toBe("invalid");
    const account = { token, name: "Bob", password };
    expect((await world.visits(acceptInvitation, account)).status).toBe("invalid");
    expect(await world.rows(sql`select outcome from approvals where id = ${approvalId}`)).toEqual([
      { outcome: "outdated" },
    ]);
    const ended = (await world.mailsTo(alan.email)).find((one) => one.kind === "approval-ended");
    expect(ended).toMatchObject({ subject: "No longer open: a reset of Theo's second factors" });
    expect(ended?.body).toContain("reported, reset or recovered");
  };

  it("asks and invites no more once its owner reports it, nor after the owner is back", async () => {
    const begun = await thiefBegins();
    await reports(alan);
    // The owner is back: what the thief asked for doesn't come back along.
    await world.rows(sql`update people set password_locked_at = null where id = ${alan.id}`);
    await isOver(begun);
    expect(await world.audit("link.not-me")).toMatchObject([
      { detail: { undone: { approvals: 1, invitations: 1 } } },
    ]);
    const [told] = (await world.mailsTo(ada.email)).filter((one) => one.kind === "not-me-reported");
    expect(told?.body).toContain("1 request for approval and 1 open invitation of theirs");
  });

  it("nor after its factors were reset", async () => {
    const begun = await thiefBegins();
    const graces = await (await world.administrator({ totp: true, name: "Grace" })).signsIn();
    const approvalId = await asks(adas, alan);
    // Who approves it confirms that, too.
    expect(challengeOf(await graces.calls(approve, { approvalId })).prompt.changes).toEqual(
      expect.arrayContaining([
        { label: "Requests for approval", from: "1 of Alan: a reset of Theo's second factors", to: "closed" },
        { label: "Open invitations", from: "1 of Alan", to: "taken back" },
      ]),
    );
    dataOf(await approves(graces, approvalId));
    await isOver(begun);
    expect((await world.audit("admin.approve"))[0]?.detail).toMatchObject({
      undone: { approvals: 1, invitations: 1 },
    });
  });

  it("nor after it was recovered at the host", async () => {
    const begun = await thiefBegins();
    const { url } = await world.database.transaction((tx) =>
      recoverPerson(tx, { email: alan.email, reason, newEmail: null }),
    );
    const account = { token: tokenIn(url), name: "Alan", password };
    expect(await world.visits(acceptInvitation, account)).toMatchObject({ status: "done" });
    await isOver(begun);
    expect((await world.audit("link.accept-invitation"))[0]?.detail).toMatchObject({
      undone: { approvals: 1, invitations: 1 },
    });
  });

  it("counts for nothing while its password is locked, whatever is left of it", async () => {
    const { approvalId, token } = await thiefBegins();
    await world.rows(sql`update people set password_locked_at = now() where id = ${alan.id}`);
    expect((await adas.calls(approve, { approvalId })).status).toBe("forbidden");
    expect((await world.visits(lookAtInvitation, { token })).status).toBe("invalid");
    const result = await alans.stepsUp(askToReset, { personId: ada.id, reason });
    expect(result.status).not.toBe("done");
  });

  it("vouches for no administrator whom it approved", async () => {
    await world.rows(sql`insert into links (purpose, token_hash, data, created_by, expires_at) values
      ('invitation', 'x', ${JSON.stringify({ email: "eve@company.example", name: "Eve", role: "administrator", teamId: null, approvedBy: alan.id })}::jsonb, ${ada.id}, now() + interval '1 hour')`);
    dataOf(await adas.stepsUpAgain(disableUser, { personId: alan.id, reason }));
    expect(await world.count(sql`links where purpose = 'invitation' and revoked_at is null`)).toBe(0);
  });

  it("is closed by its owner, or disabled by an administrator: neither is taken for the other", async () => {
    const closedBy = async ({ id }: Someone) =>
      (await world.rows<{ closed_by: string }>(sql`select closed_by from people where id = ${id}`))[0]
        ?.closed_by;
    // Reported first, so the password is locked, and disabled by an administrator then.
    await reports(theo);
    dataOf(await adas.stepsUp(disableUser, { personId: theo.id }));
    expect(await closedBy(theo)).toBe("administrator");
    dataOf(await adas.stepsUpAgain(enableUser, { personId: theo.id }));
    expect(await world.rows(sql`select disabled_at, closed_by from people where id = ${theo.id}`)).toEqual([
      { disabled_at: null, closed_by: null },
    ]);
    expect((await world.mailsTo(theo.email))[0]?.body).toContain("Your password is locked: choose a new one");
    // Disabled first, and reported then: an administrator's act stays one.
    const erin = await world.employee({ totp: true, name: "Erin" });
    dataOf(await adas.stepsUpAgain(disableUser, { personId: erin.id }));
    await reports(erin);
    expect(await closedBy(erin)).toBe("administrator");
  });

  it("is opened by no role that was given to it as it was before (a race)", async () => {
    const before = await world.database.transaction((tx) => readAccount(tx, theo.id));
    if (!before) throw new Error("Theo is not there");
    await reports(theo);
    await world.rows(sql`update people set disabled_at = now(), closed_by = 'owner' where id = ${theo.id}`);
    const place = {
      role: "administrator",
      team: null,
      customersTo: null,
      by: { id: ada.id, name: "Ada" },
    } as const;
    await expect(
      world.database.transaction((tx) => giveRole(tx, before, { ...place, reason: "" })),
    ).rejects.toThrow("changed in the meantime");
    expect(
      await world.count(sql`people where id = ${theo.id} and disabled_at is not null and role = 'employee'`),
    ).toBe(1);
  });
});
