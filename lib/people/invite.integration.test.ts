import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { readOpenApprovals } from "@/lib/approvals/read";
import { environment } from "@/lib/platform/env";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { tokenIn } from "@/lib/testing/public";
import { takeInvitationTurn } from "./invitation";
import { inviteColleague, resendInvitation, revokeInvitation } from "./invite";
import { readPeopleList } from "./read-list";
import { readOpenHelpRequests, readOpenLinks } from "./read-people";
import { readPerson } from "./read-person";
import { findOrMakeTeam } from "./teams";

describe.each(testDatabases.map(({ name }) => name))("inviting on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let browser: Browser;

  beforeAll(async () => {
    world = await World.open(kind);
    ada = await world.administrator({ totp: true, name: "Ada" });
    browser = await ada.signsIn();
  });
  afterAll(() => world.close());
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await ada.waitsForTheNextCode();
  });

  const newAddress = () => `${crypto.randomUUID()}@company.example`;
  const colleague = (changes: Record<string, unknown> = {}) => ({
    name: "Bob Example",
    email: newAddress(),
    role: "employee",
    team: "North",
    ...changes,
  });
  const invites = async (input: unknown, by: Browser = browser) => {
    await by.person.waitsForTheNextCode();
    return by.stepsUp(inviteColleague, input);
  };
  const linkTo = async (email: string) => {
    const [link] = (await readOpenLinks(world.reader, await personOf(ada))).rows.filter(
      (one) => one.email === email,
    );
    if (!link) throw new Error(`${email} is not invited`);
    return link;
  };
  const personOf = async (someone: Someone) => {
    const session = await (await someone.signsIn()).session();
    if (!session) throw new Error("no session");
    return session.person;
  };
  const statesOf = (email: string) =>
    world.rows<{ revoked: boolean }>(
      sql`select revoked_at is not null as revoked from links where data->>'email' = ${email} order by created_at`,
    );

  it("asks for exactly this: whom, in which role and team", async () => {
    const input = colleague({ team: "north" });
    const asked = await browser.calls(inviteColleague, input);
    expect(challengeOf(asked)).toMatchObject({
      binding: "input",
      factors: [{ factor: "totp" }],
      prompt: {
        purpose: "to invite Bob Example",
        verb: "Send invitation",
        changes: [
          { label: "Email", from: null, to: input.email },
          { label: "Role", from: null, to: "Employee" },
          { label: "Team", from: null, to: "North" },
        ],
      },
    });
    expect(await world.count(sql`links where data->>'email' = ${input.email}`)).toBe(0);
  });

  it("a proof for one person pays for no other, and for no other role", async () => {
    const input = colleague();
    const proof = await browser.answersWithCode(await browser.calls(inviteColleague, input));
    for (const other of [
      { ...input, email: newAddress() },
      { ...input, role: "manager" },
    ]) {
      const result = await browser.calls(inviteColleague, other, { proof });
      expect(result).toMatchObject({ status: "step-up-required", replaced: expect.any(String) });
    }
    expect((await browser.calls(inviteColleague, input, { proof })).status).toBe("done");
  });

  it("mails a link for a day, tells the log, and stores no token anywhere", async () => {
    const input = colleague({ email: `Bob.${crypto.randomUUID()}@Company.Example` });
    const email = input.email.toLowerCase();
    const sent = dataOf(await invites(input));
    const [mail, ...more] = await world.mailsTo(email);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe("Ada invites you to Keyturn");
    const token = tokenIn(mail?.body ?? "");
    // No mail can go out here: the administrator hands the link over.
    expect(sent).toEqual({ email, link: `http://localhost:3000/invitation#${token}` });
    const [link] = await world.rows(
      sql`select purpose, person_id, created_by, data,
        round(extract(epoch from expires_at - created_at) / 3600)::int as hours from links where data->>'email' = ${email}`,
    );
    expect(link).toEqual({
      purpose: "invitation",
      person_id: null,
      created_by: ada.id,
      data: { email, name: "Bob Example", role: "employee", teamId: world.team },
      hours: 24,
    });
    const rows = (await world.audit("admin.invite")).filter(
      ({ detail }) => (detail as { email?: string }).email === email,
    );
    expect(rows).toMatchObject([
      {
        actorId: ada.id,
        outcome: "allowed",
        recordType: "invitation",
        factor: "totp",
        detail: { step: "sent", role: "employee", teamId: world.team },
      },
    ]);
    expect(await world.everythingStored()).not.toContain(token);
  });

  it("shows no link where mail goes out", async () => {
    const without = environment();
    globalThis.keyturnEnvironment = { ...without, smtpUrl: "smtp://mail.company.example" };
    const input = colleague();
    const sent = dataOf(await invites(input));
    globalThis.keyturnEnvironment = without;
    expect(sent).toEqual({ email: input.email, link: null });
    expect(await world.mailsTo(input.email)).toHaveLength(1);
  });

  it.each(["employee", "manager"] as const)("is nothing for an %s", async (role) => {
    const someone = await (role === "employee" ? world.employee : world.manager).call(world, { totp: true });
    const theirs = await someone.signsIn();
    const input = colleague();
    expect((await theirs.calls(inviteColleague, input)).status).toBe("forbidden");
    dataOf(await invites(input));
    const { id } = await linkTo(input.email);
    for (const command of [resendInvitation, revokeInvitation] as const)
      expect((await theirs.calls(command, { invitationId: id })).status).toBe("forbidden");
    const person = await personOf(someone);
    expect((await readPeopleList(world.reader, person, {})).rows).toEqual([]);
    expect((await readOpenLinks(world.reader, person)).rows).toEqual([]);
    expect(await readOpenHelpRequests(world.reader, person)).toEqual([]);
  });

  it("is refused to an administrator whose only second factor is on probation, and asked for where there is none", async () => {
    const alan = await world.administrator();
    const theirs = await alan.signsIn();
    expect((await theirs.calls(inviteColleague, colleague())).status).toBe("enrolment-required");
    await alan.hasAnAuthenticatorApp({ onProbation: true });
    expect(await theirs.calls(inviteColleague, colleague())).toMatchObject({
      status: "forbidden",
      reasons: expect.arrayContaining([expect.objectContaining({ code: "on-probation" })]),
    });
    await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${alan.id}`);
  });

  it("takes no code from an administrator who ever had a passkey", async () => {
    const alan = await world.administrator({ totp: true });
    const theirs = await alan.signsIn();
    await world.rows(
      sql`insert into authenticators (user_id, factor, name, removed_at) values (${alan.id}, 'passkey', 'Key', now())`,
    );
    expect((await theirs.calls(inviteColleague, colleague())).status).not.toBe("step-up-required");
    await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${alan.id}`);
  });

  it.each([
    ["no name", { name: " " }, "name"],
    ["no address", { email: "bob" }, "email"],
    ["an address with a line end", { email: "bob@company.example\nBcc: x@y.example" }, "email"],
    ["no team for an employee", { team: "" }, "team"],
    ["a team for an administrator", { role: "administrator" }, "team"],
    ["no such role", { role: "owner" }, "role"],
  ])("refuses %s at the field, before a proof", async (_what, changes, field) => {
    const result = await browser.calls(inviteColleague, colleague(changes));
    expect(result.status).toBe("invalid");
    expect(Object.keys(result.status === "invalid" ? result.fields : {})).toEqual([field]);
  });

  it("refuses an address that has an account, or an open invitation, whatever its capitals", async () => {
    const erin = await world.employee();
    expect(
      await browser.calls(inviteColleague, colleague({ email: erin.email.toUpperCase() })),
    ).toMatchObject({
      status: "invalid",
      fields: { email: "Somebody with this address already has an account." },
    });
    const input = colleague();
    dataOf(await invites(input));
    expect(
      await browser.calls(inviteColleague, { ...input, email: input.email.toUpperCase(), role: "manager" }),
    ).toMatchObject({
      status: "invalid",
      fields: { email: expect.stringContaining("open invitation") },
    });
    expect(await statesOf(input.email)).toEqual([{ revoked: false }]);
  });

  it("two at once to the same address make one invitation", async () => {
    const alan = await world.administrator({ totp: true });
    const input = colleague();
    const results = await Promise.all([invites(input), invites(input, await alan.signsIn())]);
    await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${alan.id}`);
    expect(results.map(({ status }) => status).sort()).toEqual(["done", "invalid"]);
    expect(await statesOf(input.email)).toHaveLength(1);
  });

  it("two at once with the same new team make one team, however it is capitalised", async () => {
    const name = `Team ${crypto.randomUUID()}`;
    const make = (one: string) =>
      world.database.transaction(async (tx) => {
        await takeInvitationTurn(tx);
        return findOrMakeTeam(tx, one);
      });
    const made = await Promise.all([name, name.toLowerCase(), name.toUpperCase()].map(make));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await world.count(sql`teams where lower(name) = lower(${name})`)).toBe(1);
  });

  it("makes the team that isn't there, and says so in the prompt; a refused invitation makes none", async () => {
    const team = `Team ${crypto.randomUUID()}`;
    const asked = await browser.calls(inviteColleague, colleague({ team }));
    expect(challengeOf(asked).prompt.changes).toContainEqual({
      label: "Team",
      from: null,
      to: `${team} (a new team)`,
    });
    const erin = await world.employee();
    expect((await browser.calls(inviteColleague, colleague({ team, email: erin.email }))).status).toBe(
      "invalid",
    );
    expect(await world.count(sql`teams where name = ${team}`)).toBe(0);
    dataOf(await invites(colleague({ team })));
    expect(await world.count(sql`teams where name = ${team}`)).toBe(1);
  });

  it("lets the only administrator invite a second one; a third takes a second one's approval", async () => {
    const first = colleague({ role: "administrator", team: "" });
    const second = colleague({ role: "administrator", team: "" });
    dataOf(await invites(first));
    expect(await browser.calls(inviteColleague, second)).toMatchObject({
      status: "invalid",
      fields: { reason: expect.stringContaining("second administrator") },
    });
    // Nobody is there yet to approve it.
    expect(await invites({ ...second, reason: "Grace runs the Vienna office" })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("only administrator"),
    });
    const { id } = await linkTo(first.email);
    // Sending it again makes no second invitation.
    await ada.waitsForTheNextCode();
    dataOf(await browser.stepsUp(resendInvitation, { invitationId: id }));
    await ada.waitsForTheNextCode();
    dataOf(await browser.stepsUp(revokeInvitation, { invitationId: (await linkTo(first.email)).id }));
    const alan = await world.administrator({ totp: true });
    const asked = await browser.calls(inviteColleague, { ...second, reason: "Grace runs the Vienna office" });
    expect(challengeOf(asked).prompt).toMatchObject({
      purpose: "to ask for an invitation of Bob Example",
      verb: "Ask",
    });
    const waiting = dataOf(await invites({ ...second, reason: "Grace runs the Vienna office" }));
    expect(waiting).toEqual({ email: second.email, link: null, waits: true });
    expect(await world.mailsTo(second.email)).toEqual([]);
    const alans = await alan.signsIn();
    const [open] = await readOpenApprovals(world.reader, await personOf(alan));
    const approved = dataOf(await alans.stepsUp(approve, { approvalId: open?.id }));
    const [mail] = await world.mailsTo(second.email);
    expect(mail?.subject).toBe("Ada invites you to Keyturn");
    expect(approved.links).toEqual([
      { label: `The invitation of ${second.email}`, url: expect.stringContaining(tokenIn(mail?.body ?? "")) },
    ]);
    // A third one would get the link, and no tie with the newcomer: refused, and before a proof.
    const grace = await world.administrator({ totp: true });
    const { id: approvedId } = await linkTo(second.email);
    expect(await (await grace.signsIn()).calls(resendInvitation, { invitationId: approvedId })).toMatchObject(
      { status: "invalid", message: expect.stringContaining("asked for this one or approved it") },
    );
    await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${grace.id}`);
    // The approver sends it again: it stays the asker's, and both are tied with the newcomer.
    await alan.waitsForTheNextCode();
    dataOf(await alans.stepsUp(resendInvitation, { invitationId: approvedId }));
    expect(await linkTo(second.email)).toMatchObject({
      invitedBy: { id: ada.id },
      data: { approvedBy: alan.id },
    });
    await world.rows(sql`update people set disabled_at = now() - interval '31 days' where id = ${alan.id}`);
    // One that ran out is asked for anew: that is said before a proof, too.
    await world.rows(sql`update links set expires_at = now() where data->>'email' = ${second.email}`);
    const { id: ranOut } = await linkTo(second.email);
    expect((await browser.calls(resendInvitation, { invitationId: ranOut })).status).toBe("invalid");
    await ada.waitsForTheNextCode();
    dataOf(await browser.stepsUp(revokeInvitation, { invitationId: ranOut }));
  });

  it("nobody is alone right after another administrator has gone", async () => {
    const alan = await world.administrator();
    const input = colleague({ role: "administrator", team: "", reason: "To have a second one again" });
    for (const gone of [
      sql`disabled_at = now() - interval '29 days'`,
      sql`disabled_at = null, role = 'employee', administered_until = now() - interval '29 days'`,
    ]) {
      await world.rows(sql`update people set ${gone} where id = ${alan.id}`);
      expect(await invites(input)).toMatchObject({
        status: "invalid",
        message: expect.stringContaining("admin:recover"),
      });
    }
    await world.rows(
      sql`update people set administered_until = now() - interval '31 days' where id = ${alan.id}`,
    );
    dataOf(await invites(input));
    await ada.waitsForTheNextCode();
    dataOf(await browser.stepsUp(revokeInvitation, { invitationId: (await linkTo(input.email)).id }));
  });

  it("two invitations of administrators at once are one", async () => {
    const desk = await ada.signsIn();
    const inputs = [1, 2].map(() => colleague({ role: "administrator", team: "" }));
    const [one, other] = inputs;
    const [proofOne, proofOther] = [
      await browser.answersWithCode(await browser.calls(inviteColleague, one)),
      await desk.calls(inviteColleague, other),
    ];
    const first = await browser.calls(inviteColleague, one, { proof: proofOne });
    await ada.waitsForTheNextCode();
    const second = await desk.calls(inviteColleague, other, {
      proof: await desk.answersWithCode(proofOther),
    });
    expect([first.status, second.status]).toEqual(["done", "invalid"]);
    await ada.waitsForTheNextCode();
    const { id } = await linkTo(one?.email as string);
    dataOf(await browser.stepsUp(revokeInvitation, { invitationId: id }));
  });

  it("sends again with a new link for a day, also one that ran out; the old one is worth nothing", async () => {
    const input = colleague();
    dataOf(await invites(input));
    await world.rows(sql`update links set expires_at = now() where data->>'email' = ${input.email}`);
    const { id, expired } = await linkTo(input.email);
    expect(expired).toBe(true);
    const asked = await browser.calls(resendInvitation, { invitationId: id });
    expect(challengeOf(asked).prompt.purpose).toBe("to send the invitation of Bob Example again");
    await ada.waitsForTheNextCode();
    dataOf(await browser.stepsUp(resendInvitation, { invitationId: id }));
    expect(await statesOf(input.email)).toEqual([{ revoked: true }, { revoked: false }]);
    const tokens = (await world.mailsTo(input.email)).map(({ body }) => tokenIn(body));
    expect(new Set(tokens).size).toBe(2);
    const next = await linkTo(input.email);
    expect([next.id === id, next.expired]).toEqual([false, false]);
    // Who has an account by now is not invited again, and no proof is asked for that.
    const erin = await world.employee();
    await world.rows(sql`update people set email = ${input.email} where id = ${erin.id}`);
    expect((await browser.calls(resendInvitation, { invitationId: next.id })).status).toBe("invalid");
  });

  it("revokes once; what is revoked, used or nobody's can't be sent again", async () => {
    const input = colleague();
    dataOf(await invites(input));
    const { id } = await linkTo(input.email);
    await ada.waitsForTheNextCode();
    const asked = await browser.calls(revokeInvitation, { invitationId: id });
    expect(challengeOf(asked).prompt.purpose).toBe("to revoke the invitation of Bob Example");
    // A proof to revoke doesn't send.
    const proof = await browser.answersWithCode(asked);
    expect((await browser.calls(resendInvitation, { invitationId: id }, { proof })).status).toBe(
      "step-up-required",
    );
    expect((await browser.calls(revokeInvitation, { invitationId: id }, { proof })).status).toBe("done");
    expect(await statesOf(input.email)).toEqual([{ revoked: true }]);
    for (const command of [resendInvitation, revokeInvitation] as const)
      for (const invitationId of [id, crypto.randomUUID()])
        expect((await browser.calls(command, { invitationId })).status).toBe("forbidden");
    // The address is free again.
    dataOf(await invites(input));
  });

  it("lists people with what they have, without those who can't sign in", async () => {
    const theo = await world.employee({ totp: true, name: "Theo" });
    const gone = await world.employee({ name: "Gone" });
    await world.rows(sql`update people set disabled_at = now() where id = ${gone.id}`);
    await theo.signsIn();
    const listed = (await readPeopleList(world.reader, await personOf(ada), {})).rows;
    expect(listed.find(({ id }) => id === theo.id)).toMatchObject({
      name: "Theo",
      role: "employee",
      team: "North",
      factors: ["totp"],
      lastSeenAt: expect.any(Date),
    });
    expect(listed.map(({ id }) => id)).not.toContain(gone.id);
    const page = await readPerson(world.reader, await personOf(ada), theo.id);
    expect(page?.lastSeenAt).toEqual(page?.sessions[0]?.lastSeenAt);
    await world.rows(sql`update authenticators set suspended_at = now() where user_id = ${theo.id}`);
    const after = (await readPeopleList(world.reader, await personOf(ada), {})).rows;
    expect(after.find(({ id }) => id === theo.id)?.factors).toEqual([]);
  });

  it("lists requests for help until they are settled", async () => {
    const theo = await world.employee({ name: "Theo" });
    await world.rows(sql`insert into help_requests (person_id, action) values (${theo.id}, 'customer.edit')`);
    const read = async () => readOpenHelpRequests(world.reader, await personOf(ada));
    expect(await read()).toMatchObject([{ name: "Theo", email: theo.email, action: "customer.edit" }]);
    await world.rows(sql`update help_requests set resolved_at = now()`);
    expect(await read()).toEqual([]);
  });
});
