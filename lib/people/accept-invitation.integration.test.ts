import { sql } from "drizzle-orm";
import { generate } from "otplib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { environment } from "@/lib/platform/env";
import { verifySecret } from "@/lib/platform/password-hash";
import { activateAuthenticatorApp, openFirstEnrolment } from "@/lib/security/enrol";
import { signIn } from "@/lib/session/sign-in";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { posts, signedIn, tokenIn } from "@/lib/testing/public";
import { type Accepted, acceptInvitation, lookAtInvitation } from "./accept-invitation";
import { createAdministrator } from "./create-administrator";
import type { InvitationData } from "./invitation";
import { openInvitation } from "./invitation";
import { inviteColleague } from "./invite";
import { recoverPerson } from "./recover-person";

describe.each(testDatabases.map(({ name }) => name))("accepting a link on %s", (kind) => {
  let world: World;
  let ada: Someone;

  beforeAll(async () => {
    world = await World.open(kind);
  });
  beforeEach(async () => {
    await world.rows(sql`update people set disabled_at = now() where role = 'administrator'`);
    ada = await world.administrator({ totp: true, name: "Ada" });
  });
  afterAll(() => world.close());
  afterEach(() => expect(world.failures).toEqual([]));

  const password = "seven quiet turtles at noon";
  const newAddress = () => `${crypto.randomUUID()}@company.example`;

  /** An invitation by Ada, straight into the database: how it is sent is another test's. */
  async function invited(changes: Partial<InvitationData> = {}, by: Someone | null = ada) {
    const data = {
      email: newAddress(),
      name: "Bob Example",
      role: "employee" as const,
      teamId: world.team,
      ...changes,
    };
    const { url, id } = await world.database.transaction((tx) =>
      openInvitation(tx, data, { createdBy: by?.id ?? null }),
    );
    return { ...data, id, token: tokenIn(url) };
  }
  const accepts = (token: string, changes: Partial<{ name: string; password: string }> = {}) =>
    posts(world, acceptInvitation, { token, name: "Bob Example", password, ...changes });
  const looks = (token: string) => posts(world, lookAtInvitation, { token });
  const accountOf = (email: string) =>
    world.rows<{
      id: string;
      name: string;
      role: string;
      team_id: string | null;
      is_demo: boolean;
      hash: string;
    }>(
      sql`select id, name, role, team_id, is_demo, password_hash as hash from people where email = ${email}`,
    );
  const refused = (words: string) => ({
    status: "invalid",
    fields: {},
    message: expect.stringContaining(words),
  });
  const over = refused("expired or was used already");

  /** Sets up the app that the acceptance offers. */
  async function enrols(browser: Browser, { offer }: Accepted) {
    await browser.person.waitsForTheNextCode();
    const epoch = Math.floor((await world.now()).getTime() / 1000);
    const code = await generate({ secret: offer.app.key, epoch });
    const { enrolmentId } = offer;
    return browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "Phone" });
  }
  const onProbation = async (userId: string) => {
    const rows = await world.rows<{ probation: boolean }>(
      sql`select probation_until is not null as probation from authenticators where user_id = ${userId} and removed_at is null`,
    );
    return rows.map(({ probation }) => probation);
  };

  describe("that invites", () => {
    it("is looked at without spending it: who, whom, as what", async () => {
      const { email, token } = await invited();
      const shown = {
        status: "done",
        data: {
          purpose: "invitation",
          email,
          name: "Bob Example",
          role: "employee",
          team: "North",
          invitedBy: "Ada",
        },
      };
      expect(await looks(token)).toMatchObject(shown);
      expect(await looks(token)).toMatchObject(shown);
      expect(await accountOf(email)).toEqual([]);
    });

    it("makes the account, signs in, and opens the second factor without probation", async () => {
      const { email, token, id } = await invited();
      const { data, browser } = signedIn(world, await accepts(token, { name: "  Bob Newman " }));
      const [account] = await accountOf(email);
      expect(account).toMatchObject({
        name: "Bob Newman",
        role: "employee",
        team_id: world.team,
        is_demo: false,
      });
      expect(await verifySecret(account?.hash ?? "", password)).toBe(true);
      expect((await browser.session())?.person).toMatchObject({ id: account?.id, name: "Bob Newman" });
      expect(data).toMatchObject({ person: { id: account?.id, name: "Bob Newman", email }, lockEpoch: 0 });
      expect(
        await world.rows(sql`select opened_by, on_probation from enrolments where user_id = ${account?.id}`),
      ).toEqual([{ opened_by: "link", on_probation: false }]);
      const activated = dataOf(await enrols(browser, data));
      expect(activated).toMatchObject({ onProbation: false });
      expect(activated.recoveryCodes).toHaveLength(10);
      expect(await onProbation(account?.id ?? "")).toEqual([false]);
      expect((await world.audit()).filter(({ sessionId }) => sessionId === browser.sessionId)).toMatchObject([
        {
          action: "link.accept-invitation",
          outcome: "allowed",
          actorId: account?.id,
          recordType: "person",
          recordId: account?.id,
          address: "192.0.2.7",
          detail: { purpose: "invitation", link: id, role: "employee", invitedBy: ada.id },
        },
        { action: "security.activate-factor", outcome: "allowed", detail: { onProbation: false } },
      ]);
    });

    it("works from the mail of an invitation that was confirmed", async () => {
      const email = newAddress();
      const browser = await ada.signsIn();
      dataOf(
        await browser.stepsUp(inviteColleague, { name: "Bob Example", email, role: "manager", team: "" }),
      );
      const [mail] = await world.mailsTo(email);
      signedIn(world, await accepts(tokenIn(mail?.body ?? "")));
      expect(await accountOf(email)).toMatchObject([{ role: "manager", team_id: null }]);
    });

    it("opens nothing but the enrolment: the session is raised by no more than its sign-in", async () => {
      const { token } = await invited();
      const { browser } = signedIn(world, await accepts(token));
      expect((await browser.session())?.evidence).toEqual([]);
    });

    it("stores neither token nor password", async () => {
      const { token } = await invited();
      const { data } = signedIn(world, await accepts(token));
      const stored = await world.everythingStored();
      for (const secret of [token, password, data.offer.app.key]) expect(stored).not.toContain(secret);
    });

    it("works once, and of parallel tries one gets the account", async () => {
      const { email, token } = await invited();
      const results = await Promise.all([1, 2, 3, 4].map((n) => accepts(token, { name: `Bob ${n}` })));
      expect(results.filter(({ status }) => status === "done")).toHaveLength(1);
      for (const result of results.filter(({ status }) => status !== "done"))
        expect(result.status).toBe("invalid");
      expect(await accountOf(email)).toHaveLength(1);
      expect(
        await world.count(sql`sessions s join people p on p.id = s.person_id where p.email = ${email}`),
      ).toBe(1);
      expect(await accepts(token)).toMatchObject(over);
      expect(await looks(token)).toMatchObject(over);
    });

    it.each([
      ["expired", sql`expires_at = now()`],
      ["revoked", sql`revoked_at = now()`],
      ["used", sql`used_at = now()`],
      ["of another purpose", sql`purpose = 'reset-password'`],
    ])("is worth nothing when it is %s", async (_what, change) => {
      const { email, token, id } = await invited();
      await world.rows(sql`update links set ${change} where id = ${id}`);
      expect(await looks(token)).toMatchObject(over);
      expect(await accepts(token)).toMatchObject(over);
      expect(await accountOf(email)).toEqual([]);
    });

    it.each(["", "A".repeat(43), "x'; --", "A".repeat(64)])("is none with the token %j", async (token) => {
      expect(await accepts(token)).toMatchObject(over);
    });

    it("the hash that is stored is no token", async () => {
      const { id } = await invited();
      const [row] = await world.rows<{ hash: string }>(
        sql`select token_hash as hash from links where id = ${id}`,
      );
      expect(await accepts(row?.hash ?? "")).toMatchObject(over);
    });

    it.each([
      ["a short password", { password: "short enough" }, "password"],
      ["one of the name", { name: "Bob Example Newman", password: "bobexamplenewman1" }, "password"],
      ["one without end", { password: "x".repeat(2000) }, "password"],
      ["no name", { name: "  " }, "name"],
      ["a name that turns round", { name: "Bob \u202eelpmaxE" }, "name"],
    ])("refuses %s at the field, and stays good", async (_what, changes, field) => {
      const { email, token } = await invited();
      const result = await accepts(token, changes);
      expect(Object.keys(result.status === "invalid" ? result.fields : {})).toEqual([field]);
      expect(await accountOf(email)).toEqual([]);
      signedIn(world, await accepts(token));
    });

    it("takes no member that the form doesn't have: role, team and address are the inviter's", async () => {
      const { token, email } = await invited();
      const result = await posts(world, acceptInvitation, {
        token,
        name: "Bob",
        password,
        role: "administrator",
      });
      expect(result.status).toBe("invalid");
      expect(await accountOf(email)).toEqual([]);
    });

    it("says so when the address got an account meanwhile, and changes nothing of it", async () => {
      const { token, email } = await invited();
      const erin = await world.employee();
      await world.rows(sql`update people set email = ${email} where id = ${erin.id}`);
      const before = await accountOf(email);
      expect(await looks(token)).toMatchObject(refused("account with this email address already"));
      expect(await accepts(token)).toMatchObject(refused("account with this email address already"));
      expect(await accountOf(email)).toEqual(before);
      expect(await world.count(sql`sessions where person_id = ${erin.id}`)).toBe(0);
    });

    it("ends with whoever sent it: disabled, or no administrator any more", async () => {
      for (const change of [sql`disabled_at = now()`, sql`role = 'manager'`]) {
        const alan = await world.administrator({ totp: true });
        const { token, email } = await invited({}, alan);
        await world.rows(sql`update people set ${change} where id = ${alan.id}`);
        expect(await looks(token)).toMatchObject(refused("no longer an administrator"));
        expect(await accepts(token)).toMatchObject(refused("no longer an administrator"));
        expect(await accountOf(email)).toEqual([]);
      }
    });

    it("from a demo's administrator makes a demo's account, and nothing where demo mode is off", async () => {
      const alan = await world.administrator({ totp: true, demo: true });
      const [first, second] = [await invited({}, alan), await invited({}, alan)];
      signedIn(world, await accepts(first.token));
      expect(await accountOf(first.email)).toMatchObject([{ is_demo: true }]);
      const withDemo = environment();
      globalThis.keyturnEnvironment = { ...withDemo, demo: false };
      const result = await accepts(second.token);
      globalThis.keyturnEnvironment = withDemo;
      expect(result).toMatchObject(refused("no longer an administrator"));
    });

    it("left before the second factor, the account begins like any other: with the password, on probation", async () => {
      const { token, email } = await invited();
      const { browser } = signedIn(world, await accepts(token));
      // The ticket is this session's own, and it ends.
      await world.rows(sql`update enrolments set expires_at = now() where session_id = ${browser.sessionId}`);
      await signIn(world.database, true, {
        email,
        password,
        deviceHash: "x",
        userAgent: "",
        address: "",
      });
      const asked = await browser.calls(openFirstEnrolment, {});
      expect(challengeOf(asked).factors).toEqual([expect.objectContaining({ factor: "password" })]);
      const proof = browser.answers(asked, "password", { password });
      const opened = dataOf(await browser.calls(openFirstEnrolment, {}, { proof }));
      dataOf(await enrols(browser, { offer: opened } as Accepted));
      expect(await onProbation(browser.person.id)).toEqual([true]);
    });

    it("its ticket is of no use to another session of the same person", async () => {
      const { token, email } = await invited();
      const { data } = signedIn(world, await accepts(token));
      const result = await signIn(world.database, true, {
        email,
        password,
        deviceHash: "x",
        userAgent: "",
        address: "",
      });
      if (result.outcome !== "signed-in") throw new Error(result.outcome);
      const other = signedIn(world, { status: "done", data, session: result.cookie }).browser;
      expect(await enrols(other, data)).toMatchObject({ status: "invalid" });
      expect(await onProbation(data.person.id)).toEqual([]);
    });
  });

  describe("of the operator", () => {
    const create = (email: string) => world.database.transaction((tx) => createAdministrator(tx, email));
    const refusedTo = (email: string) =>
      create(email).then(
        () => "made",
        (error: Error) => error.message,
      );
    const nobodyAdministers = () =>
      world.rows(sql`update people set disabled_at = now() where role = 'administrator'`);
    beforeEach(() => nobodyAdministers());

    it("makes the first administrator, without probation, and tells the log", async () => {
      const email = newAddress();
      const { url } = await create(email);
      expect(url).toMatch(/^http:\/\/localhost:3000\/invitation#[\w-]{43}$/);
      expect(await looks(tokenIn(url))).toMatchObject({
        status: "done",
        data: { email, name: "", role: "administrator", team: null, invitedBy: null },
      });
      const { data, browser } = signedIn(world, await accepts(tokenIn(url), { name: "Grace" }));
      expect(await accountOf(email)).toMatchObject([{ name: "Grace", role: "administrator", team_id: null }]);
      expect(dataOf(await enrols(browser, data))).toMatchObject({ onProbation: false });
      const rows = (await world.audit()).filter(({ action }) => action === "admin.create");
      expect(rows.at(-1)).toMatchObject({ actorId: null, outcome: "allowed", detail: { email } });
      expect(rows.at(-1)?.mac).toMatch(/^[0-9a-f]{64}$/);
      expect(await world.everythingStored()).not.toContain(tokenIn(url));
    });

    it("is for the first alone: with an administrator who has a second factor, it refuses, also for older links", async () => {
      const { url } = await create(newAddress());
      const alan = await world.administrator();
      // One who has none yet administers nothing.
      await create(newAddress());
      await alan.hasAnAuthenticatorApp();
      expect(await refusedTo(newAddress())).toContain("administrators invite one another");
      await world.rows(sql`update authenticators set removed_at = now() where user_id = ${alan.id}`);
      expect(await refusedTo(newAddress())).toContain("administrators invite one another");
      expect(await accepts(tokenIn(url))).toMatchObject(refused("has an administrator by now"));
    });

    it("does not count a demo's administrators where demo mode is off", async () => {
      const alan = await world.administrator({ totp: true, demo: true });
      expect(await refusedTo(newAddress())).toContain("administrators invite one another");
      const withDemo = environment();
      globalThis.keyturnEnvironment = { ...withDemo, demo: false };
      const results = [await refusedTo(newAddress()), await refusedTo(alan.email)];
      globalThis.keyturnEnvironment = withDemo;
      expect(results).toEqual(["made", expect.stringContaining("demo account")]);
    });

    it("once more for the same address takes the older link back", async () => {
      const email = newAddress();
      const [first, second] = [await create(email), await create(email)];
      expect(await accepts(tokenIn(first.url))).toMatchObject(over);
      signedIn(world, await accepts(tokenIn(second.url)));
    });

    it("who left before the second factor gets a new link: new password, and the old sessions end", async () => {
      const email = newAddress();
      const { browser } = signedIn(
        world,
        await accepts(tokenIn((await create(email)).url), { name: "Grace" }),
      );
      const again = tokenIn((await create(email)).url);
      expect(await looks(again)).toMatchObject({ data: { name: "Grace" } });
      expect(await browser.session()).not.toBeNull();
      const other = "eight loud turtles at dusk";
      const next = signedIn(world, await accepts(again, { name: "Grace H.", password: other }));
      expect(await browser.session()).toBeNull();
      const [account, ...more] = await accountOf(email);
      expect(more).toEqual([]);
      expect(account).toMatchObject({ id: browser.person.id, name: "Grace H." });
      expect(await verifySecret(account?.hash ?? "", other)).toBe(true);
      expect(dataOf(await enrols(next.browser, next.data))).toMatchObject({ onProbation: false });
    });

    it("does nothing to an account that got its second factor meanwhile", async () => {
      const email = newAddress();
      const { browser, data } = signedIn(world, await accepts(tokenIn((await create(email)).url)));
      const again = tokenIn((await create(email)).url);
      dataOf(await enrols(browser, data));
      const before = await accountOf(email);
      expect((await accepts(again)).status).toBe("invalid");
      expect(await accountOf(email)).toEqual(before);
      expect(await refusedTo(email)).toContain("has an account with a second factor already");
    });

    it("refuses accounts of others, disabled ones too", async () => {
      const erin = await world.employee();
      expect(await refusedTo(erin.email)).toContain("not an administrator");
      expect(await refusedTo(ada.email)).toContain("admin:recover");
      const gone = await world.administrator();
      await nobodyAdministers();
      expect(await refusedTo(gone.email)).toContain("disabled");
    });
  });

  describe("that recovers", () => {
    const reason = "Lost phone and recovery codes";
    const recovers = (email: string, why = reason) =>
      world.database.transaction((tx) => recoverPerson(tx, { email, reason: why, newEmail: null }));
    const refusedTo = (email: string, why = reason) =>
      recovers(email, why).then(
        () => "made",
        (error: Error) => error.message,
      );

    it("changes nothing until it is used, and tells every administrator at once", async () => {
      const alan = await world.administrator({ totp: true });
      const browser = await ada.signsIn();
      const before = await accountOf(ada.email);
      const { url } = await recovers(ada.email);
      expect(await accountOf(ada.email)).toEqual(before);
      expect(await browser.session()).not.toBeNull();
      expect(await onProbation(ada.id)).toEqual([false]);
      for (const { email } of [ada, alan]) {
        const [mail] = await world.mailsTo(email);
        expect(mail?.subject).toBe("A recovery link for Ada was made");
        expect(mail?.body).toContain(reason);
        expect(mail?.body).not.toContain(tokenIn(url));
      }
      const rows = (await world.audit()).filter(({ action }) => action === "admin.recover");
      expect(rows.at(-1)).toMatchObject({
        actorId: null,
        outcome: "allowed",
        recordId: ada.id,
        detail: { email: ada.email, reason },
      });
    });

    it("gives a new password and a ticket on probation, and ends everything that was", async () => {
      await ada.hasAnAuthenticatorApp();
      await ada.hasRecoveryCodes();
      const thief = await ada.signsIn();
      await world.rows(sql`insert into email_changes (person_id, old_email, new_email, expires_at)
        values (${ada.id}, ${ada.email}, 'thief@evil.example', now() + interval '1 hour')`);
      await world.rows(sql`insert into links (purpose, token_hash, person_id, data, expires_at)
        values ('reset-password', ${crypto.randomUUID()}, ${ada.id}, '{}', now() + interval '1 hour')`);
      await world.rows(sql`insert into code_attempts (user_id, budget, session_id, known_device, failures, last_failed_at)
        values (${ada.id}, 'codes', ${crypto.randomUUID()}, false, 100, now())`);
      await world.rows(sql`update people set password_locked_at = now() where id = ${ada.id}`);
      const { url } = await recovers(ada.email);
      expect(await looks(tokenIn(url))).toMatchObject({
        status: "done",
        data: { purpose: "recovery", name: "Ada", email: ada.email, role: "administrator" },
      });
      const { data, browser } = signedIn(world, await accepts(tokenIn(url), { name: "Somebody else" }));
      expect(await thief.session()).toBeNull();
      const [account] = await accountOf(ada.email);
      expect(account).toMatchObject({ id: ada.id, name: "Ada" });
      expect(await verifySecret(account?.hash ?? "", password)).toBe(true);
      expect(await onProbation(ada.id)).toEqual([]);
      const [left] = await world.rows(sql`select
        (select count(*)::int from recovery_codes where user_id = ${ada.id} and revoked_at is null) as codes,
        (select count(*)::int from code_attempts where user_id = ${ada.id}) as attempts,
        (select count(*)::int from email_changes where person_id = ${ada.id} and cancelled_at is null) as changes,
        (select count(*)::int from links where person_id = ${ada.id} and purpose <> 'not-me' and used_at is null and revoked_at is null) as links,
        (select password_locked_at is not null from people where id = ${ada.id}) as locked`);
      expect(left).toEqual({ codes: 0, attempts: 0, changes: 0, links: 0, locked: false });
      const [notice] = await world.mailsTo(ada.email);
      expect(notice?.subject).toBe("Your account was recovered");
      expect(notice?.body).toContain("This wasn't me:");
      const activated = dataOf(await enrols(browser, data));
      expect(activated).toMatchObject({ onProbation: true });
      expect(activated.recoveryCodes).toHaveLength(10);
      expect(await onProbation(ada.id)).toEqual([true]);
    });

    it("on probation, what it set up administers nothing", async () => {
      const { data, browser } = signedIn(world, await accepts(tokenIn((await recovers(ada.email)).url)));
      dataOf(await enrols(browser, data));
      const result = await browser.calls(inviteColleague, {
        name: "Bob",
        email: newAddress(),
        role: "employee",
        team: "North",
      });
      expect(result.status).toBe("forbidden");
    });

    it("left before the second factor, the password alone sets up none", async () => {
      const { browser } = signedIn(world, await accepts(tokenIn((await recovers(ada.email)).url)));
      expect((await browser.calls(openFirstEnrolment, {})).status).toBe("forbidden");
    });

    it("works once, and a newer one takes it back", async () => {
      const [first, second] = [await recovers(ada.email), await recovers(ada.email)];
      expect(await accepts(tokenIn(first.url))).toMatchObject(over);
      const results = await Promise.all([accepts(tokenIn(second.url)), accepts(tokenIn(second.url))]);
      expect(results.map(({ status }) => status).sort()).toEqual(["done", "invalid"]);
    });

    it("is worth nothing once the account is disabled", async () => {
      const alan = await world.administrator({ totp: true });
      const { url } = await recovers(alan.email);
      await world.rows(sql`update people set disabled_at = now() where id = ${alan.id}`);
      const before = await accountOf(alan.email);
      expect(await looks(tokenIn(url))).toMatchObject(refused("no longer open"));
      expect(await accepts(tokenIn(url))).toMatchObject(refused("no longer open"));
      expect(await accountOf(alan.email)).toEqual(before);
      expect(await onProbation(alan.id)).toEqual([false]);
    });

    it("recovers everybody, where nobody could approve a reset, and tells them as well", async () => {
      const erin = await world.employee({ totp: true, name: "Erin" });
      const { url } = await recovers(erin.email);
      expect((await world.mailsTo(erin.email))[0]?.subject).toBe("A recovery link for Erin was made");
      const { data, browser } = signedIn(world, await accepts(tokenIn(url)));
      expect(dataOf(await enrols(browser, data))).toMatchObject({ onProbation: true });
    });

    it("refuses a weak password and stays good", async () => {
      const { url } = await recovers(ada.email);
      expect(await accepts(tokenIn(url), { password: "password" })).toMatchObject({
        fields: { password: expect.any(String) },
      });
      expect(await onProbation(ada.id)).toEqual([false]);
      signedIn(world, await accepts(tokenIn(url)));
    });

    it("is made for an account that is there, and for a reason", async () => {
      expect(await refusedTo(newAddress())).toContain("no account");
      expect(await refusedTo(ada.email, "lost it")).toContain("at least 10 characters");
    });

    it("opens a disabled account again, and says so to everybody", async () => {
      const alan = await world.administrator({ totp: true, name: "Alan" });
      await world.rows(
        sql`update people set disabled_at = now(), closed_by = 'administrator' where id = ${alan.id}`,
      );
      const { url, opens } = await recovers(alan.email);
      expect(opens).toBe(true);
      for (const { email } of [ada, alan])
        expect((await world.mailsTo(email))[0]?.body).toContain("using the link opens it again");
      const { data, browser } = signedIn(world, await accepts(tokenIn(url)));
      expect(dataOf(await enrols(browser, data))).toMatchObject({ onProbation: true });
      expect(await world.rows(sql`select disabled_at, closed_by from people where id = ${alan.id}`)).toEqual([
        { disabled_at: null, closed_by: null },
      ]);
    });

    it("opens one that “This wasn't me” closed under another address alone, and mails nothing to the old one", async () => {
      await world.rows(sql`update people set disabled_at = now(), closed_by = 'owner' where id = ${ada.id}`);
      expect(await refusedTo(ada.email)).toContain("--new-email");
      const newEmail = newAddress();
      const { url } = await world.database.transaction((tx) =>
        recoverPerson(tx, { email: ada.email, reason, newEmail }),
      );
      signedIn(world, await accepts(tokenIn(url)));
      expect(await world.rows(sql`select email, disabled_at from people where id = ${ada.id}`)).toEqual([
        { email: newEmail, disabled_at: null },
      ]);
      expect(await world.mailsTo(ada.email)).toEqual([]);
      expect((await world.mailsTo(newEmail)).map(({ kind }) => kind)).toContain("account-recovered");
    });
  });
});
