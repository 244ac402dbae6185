import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { verifySecret } from "@/lib/platform/password-hash";
import { concealSecrets, digestOf } from "@/lib/step-up/digest";
import {
  bankChange,
  challengeOf,
  dataOf,
  password,
  type Someone,
  testSecrets,
  World,
} from "@/lib/testing/pipeline";
import { askForHelp } from "./ask-for-help";
import { changePassword } from "./change-password";
import { cancelEmailChange, cancelPending, changeEmail } from "./email/change-email";
import { confirmEmail } from "./email/confirm-email";
import { endSessions } from "./end-sessions";
import { activateAuthenticatorApp, openEnrolment } from "./enrol";
import { generateRecoveryCodes } from "./generate-recovery-codes";
import { readOwnSessions } from "./read";
import { removeFactor } from "./remove-factor";
import { renameFactor } from "./rename-factor";

describe.each(testDatabases.map(({ name }) => name))("a person's account on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const theoWithTwoApps = async () => {
    const theo = await world.employee({ totp: true });
    const lost = theo.authenticatorId;
    await theo.hasAnAuthenticatorApp();
    return { theo, lost, browser: await theo.signsIn() };
  };
  const kept = (someone: Someone) =>
    world.rows<{ id: string }>(
      sql`select id from authenticators where user_id = ${someone.id} and removed_at is null`,
    );
  const kindsOf = async (email: string) => (await world.mailsTo(email)).map(({ kind }) => kind);
  const emailOf = async ({ id }: Someone) =>
    (await world.rows<{ email: string }>(sql`select email from people where id = ${id}`))[0]?.email;

  describe("removing an authenticator", () => {
    it("takes it and its seed away, locks every session, tells its owner, and keeps the row", async () => {
      const { theo, lost, browser } = await theoWithTwoApps();
      const elsewhere = await theo.signsIn();
      const epoch = (await elsewhere.session())?.lockEpoch ?? 0;
      expect((await browser.stepsUp(removeFactor, { authenticatorId: lost })).status).toBe("done");
      expect(await kept(theo)).toEqual([{ id: theo.authenticatorId }]);
      expect(await world.count(sql`totp_seeds where authenticator_id = ${lost}`)).toBe(0);
      expect(await world.count(sql`authenticators where id = ${lost}`)).toBe(1);
      expect((await elsewhere.session())?.lockEpoch).toBe(epoch + 1);
      expect(await kindsOf(theo.email)).toEqual(["factor-removed"]);
    });

    it("is refused for the only one, and nothing is lost (threats.md 18)", async () => {
      const theo = await world.employee({ totp: true });
      const browser = await theo.signsIn();
      const answer = await browser.stepsUp(removeFactor, { authenticatorId: theo.authenticatorId });
      expect(answer).toMatchObject({
        status: "invalid",
        message: expect.stringContaining("only second factor"),
      });
      expect(await kept(theo)).toHaveLength(1);
      expect(await kindsOf(theo.email)).toEqual([]);
    });

    it("leaves one, however closely two removals follow one another", async () => {
      const { theo, lost, browser } = await theoWithTwoApps();
      const other = await theo.signsIn();
      // A request that had read the account while both were there.
      const late = other.holdsItsSession(await other.session());
      expect((await browser.stepsUp(removeFactor, { authenticatorId: lost })).status).toBe("done");
      await theo.waitsForTheNextCode();
      const answer = await late.stepsUp(removeFactor, { authenticatorId: theo.authenticatorId });
      expect(answer.status).toBe("failed");
      expect(await kept(theo)).toEqual([{ id: theo.authenticatorId }]);
      world.failures.length = 0;
    });

    it("of somebody else's is not there", async () => {
      const { browser } = await theoWithTwoApps();
      const maya = await world.manager({ totp: true });
      for (const command of [removeFactor, renameFactor]) {
        const input = {
          authenticatorId: maya.authenticatorId,
          ...(command === renameFactor ? { name: "x" } : {}),
        };
        const answer = await browser.calls(command as typeof removeFactor, input);
        expect(answer).toMatchObject({
          status: "forbidden",
          message: expect.stringContaining("doesn't exist"),
        });
      }
      const opened = await browser.calls(openEnrolment, { factor: "totp", replaces: maya.authenticatorId });
      expect(opened.status).toBe("forbidden");
      expect(await kept(maya)).toHaveLength(1);
    });
  });

  it("renaming keeps what was proved: the session stays unlocked", async () => {
    const { theo, lost, browser } = await theoWithTwoApps();
    const customer = await world.customer();
    expect((await browser.stepsUp(renameFactor, { authenticatorId: lost, name: "Old phone" })).status).toBe(
      "done",
    );
    expect((await browser.calls(beginEdit, { customerId: customer.id })).status).toBe("done");
    const names = await world.rows(sql`select name from authenticators where id = ${lost}`);
    expect(names).toEqual([{ name: "Old phone" }]);
    expect(await kindsOf(theo.email)).toEqual([]);
  });

  it("new recovery codes void the old ones, and are shown once", async () => {
    const theo = await world.employee({ totp: true });
    const [old = ""] = await theo.hasRecoveryCodes();
    const browser = await theo.signsIn();
    const { codes } = dataOf(await browser.stepsUp(generateRecoveryCodes, {}));
    expect(codes).toHaveLength(10);
    await theo.waitsForTheNextCode();
    const answer = await browser.confirms(openEnrolment, { factor: "totp" }, "recovery-code", { code: old });
    expect(answer).toMatchObject({ status: "proof-rejected", reason: "wrong" });
    const stored = await world.everythingStored();
    for (const code of codes) expect(stored).not.toContain(code.replaceAll("-", ""));
  });

  it("codes are made for nobody who has no second factor: with one a thief of the password could enrol", async () => {
    const theo = await world.employee();
    const browser = await theo.signsIn();
    const answer = await browser.confirms(generateRecoveryCodes, {}, "password", { password });
    expect(answer.status).toBe("forbidden");
    expect(await world.count(sql`recovery_codes where user_id = ${theo.id}`)).toBe(0);
  });

  describe("a lost authenticator", () => {
    it("goes in the step that a recovery code pays for, and the new one opens records but confirms no bank details", async () => {
      const theo = await world.employee({ totp: true });
      const lost = theo.authenticatorId;
      const [code = "", second = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const customer = await world.customer();
      const input = { factor: "totp", replaces: lost };
      const offer = dataOf(await browser.confirms(openEnrolment, input, "recovery-code", { code }));
      await theo.waitsForTheNextCode();
      theo.seed = offer.app.key;
      const activated = dataOf(
        await browser.calls(activateAuthenticatorApp, {
          enrolmentId: offer.enrolmentId,
          code: await theo.code(),
          name: "New phone",
        }),
      );
      expect(activated).toMatchObject({ onProbation: true, recoveryCodes: null });
      expect(await kept(theo)).toEqual([{ id: activated.authenticatorId }]);
      expect((await kindsOf(theo.email)).sort()).toEqual(
        expect.arrayContaining(["factor-added", "factor-removed"]),
      );
      await theo.waitsForTheNextCode();
      expect((await browser.stepsUp(beginEdit, { customerId: customer.id })).status).toBe("done");
      expect((await browser.calls(changeBankDetails, bankChange(customer))).status).toBe("forbidden");
      // Enrol, remove, enrol with one code works once (threats.md 11); the next one needs the next code.
      const again = await browser.confirms(openEnrolment, { factor: "totp" }, "recovery-code", { code });
      expect(again).toMatchObject({ status: "proof-rejected", reason: "used" });
      expect(
        (await browser.confirms(openEnrolment, { factor: "totp" }, "recovery-code", { code: second })).status,
      ).toBe("done");
    });

    it("stays while the new one is not active", async () => {
      const theo = await world.employee({ totp: true });
      const [code = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const input = { factor: "totp", replaces: theo.authenticatorId };
      const offer = dataOf(await browser.confirms(openEnrolment, input, "recovery-code", { code }));
      const wrong = await browser.calls(activateAuthenticatorApp, {
        enrolmentId: offer.enrolmentId,
        code: await theo.wrongCode(),
        name: "New phone",
      });
      expect(wrong.status).toBe("invalid");
      expect(await kept(theo)).toEqual([{ id: theo.authenticatorId }]);
    });

    it("can be told to the administrators, once a day", async () => {
      const ada = await world.administrator({ totp: true });
      const theo = await world.employee({ totp: true, name: "Theo Brandt" });
      const browser = await theo.signsIn();
      for (let n = 0; n < 3; n++)
        expect((await browser.calls(askForHelp, { action: "customer.edit" })).status).toBe("done");
      expect(await world.count(sql`help_requests where person_id = ${theo.id}`)).toBe(1);
      const told = (await world.mailsTo(ada.email)).filter(({ body }) => body.includes(theo.email));
      expect(told.map(({ kind }) => kind)).toEqual(["help-requested"]);
    });
  });

  describe("sessions", () => {
    it("elsewhere end, this one stays, and the person is told", async () => {
      const theo = await world.employee({ totp: true });
      const [here, phone, desk] = [await theo.signsIn(), await theo.signsIn(), await theo.signsIn()];
      expect(await readOwnSessions(world.reader, theo.id)).toHaveLength(3);
      await here.stepsUp(endSessions, { which: phone.sessionId });
      expect(await phone.session()).toBeNull();
      expect(await desk.session()).not.toBeNull();
      expect(dataOf(await here.calls(endSessions, { which: "others" }))).toEqual({ ended: 1 });
      expect(await desk.session()).toBeNull();
      expect(await here.session()).not.toBeNull();
      expect(await kindsOf(theo.email)).toEqual(["sessions-ended", "sessions-ended"]);
    });

    it("of somebody else, and one's own, are not ended here", async () => {
      const theo = await world.employee({ totp: true });
      const maya = await world.manager();
      const [here, hers] = [await theo.signsIn(), await maya.signsIn()];
      await here.stepsUp(endSessions, { which: "others" });
      expect((await here.calls(endSessions, { which: hers.sessionId })).status).toBe("forbidden");
      expect((await here.calls(endSessions, { which: here.sessionId })).status).toBe("invalid");
      expect(await hers.session()).not.toBeNull();
      expect(await here.session()).not.toBeNull();
    });
  });

  describe("a new password", () => {
    const next = "seven quiet herons at dawn";
    const hashOf = async ({ id }: Someone) =>
      (await world.rows<{ hash: string }>(sql`select password_hash as hash from people where id = ${id}`))[0]
        ?.hash ?? "";

    it("needs the current one and a proof, ends the other sessions and keeps the second factor", async () => {
      const theo = await world.employee({ totp: true });
      const [here, elsewhere] = [await theo.signsIn(), await theo.signsIn()];
      const wrong = await here.stepsUp(changePassword, { current: "not it at all", next });
      expect(wrong).toMatchObject({ status: "invalid", fields: { current: expect.any(String) } });
      expect(await verifySecret(await hashOf(theo), password)).toBe(true);
      await theo.waitsForTheNextCode();
      expect((await here.stepsUp(changePassword, { current: password, next })).status).toBe("done");
      expect(await verifySecret(await hashOf(theo), next)).toBe(true);
      expect(await elsewhere.session()).toBeNull();
      expect(await here.session()).not.toBeNull();
      expect(await kept(theo)).toHaveLength(1);
      expect(await kindsOf(theo.email)).toEqual(["password-changed"]);
    });

    it("without a second factor is proved by the password itself, typed once", async () => {
      const theo = await world.employee();
      const here = await theo.signsIn();
      const answer = await here.confirms(changePassword, { current: "", next }, "password", { password });
      expect(answer.status).toBe("done");
    });

    it("that is weak is refused before anybody is asked for a proof", async () => {
      const theo = await world.employee({ totp: true });
      const here = await theo.signsIn();
      for (const weak of ["short", "passwordpassword", "keyturnkeyturn1"]) {
        const answer = await here.calls(changePassword, { current: password, next: weak });
        expect(answer, weak).toMatchObject({ status: "invalid", fields: { next: expect.any(String) } });
      }
    });

    it("leaves no digest behind from which it could be guessed", async () => {
      const theo = await world.employee({ totp: true });
      const here = await theo.signsIn();
      const asked = await here.calls(changePassword, { current: password, next });
      const proof = await here.answersWithCode(asked);
      await here.calls(changePassword, { current: password, next }, { proof });
      const { prompt } = challengeOf(asked);
      const digestWith = (input: unknown) =>
        digestOf({
          purpose: "step-up",
          action: "security.change-password",
          userId: theo.id,
          sessionId: here.sessionId,
          record: { type: "person", id: theo.id, version: null },
          input,
          prompt,
        });
      const input = { current: password, next };
      const [row] = (await world.audit("security.change-password")).slice(-1);
      const told = await world.told(row!);
      expect(told?.digest).toBe(
        digestWith(concealSecrets(testSecrets.encryptionKeys, input, ["current", "next"])),
      );
      expect(told?.content).not.toContain(next);
      expect(await world.everythingStored()).not.toContain(digestWith(input));
      expect(await world.everythingStored()).not.toContain(next);
    });
  });

  describe("another address", () => {
    const moves = async () => {
      const theo = await world.employee({ totp: true });
      const to = `${crypto.randomUUID()}@new.example`;
      const browser = await theo.signsIn();
      expect((await browser.stepsUp(changeEmail, { email: to })).status).toBe("done");
      const tokenTo = async (email: string) =>
        (await world.mailsTo(email)).find(({ kind }) => /^email-change-(old|new)$/.test(kind))?.links[0] ??
        "";
      return { theo, to, browser, old: await tokenTo(theo.email), fresh: await tokenTo(to) };
    };

    it("counts once both have confirmed, in either order", async () => {
      for (const order of ["old first", "new first"]) {
        const { theo, to, old, fresh } = await moves();
        const [one, two] = order === "old first" ? [old, fresh] : [fresh, old];
        expect(await world.visits(confirmEmail, { token: one })).toMatchObject({ data: { done: false } });
        expect(await emailOf(theo)).toBe(theo.email);
        expect(await world.visits(confirmEmail, { token: two })).toMatchObject({ data: { done: true } });
        expect(await emailOf(theo)).toBe(to);
        expect(await kindsOf(theo.email)).toContain("email-changed");
        expect(await kindsOf(to)).toContain("email-changed");
      }
    });

    it("is confirmed by no link twice, and by none of another purpose", async () => {
      const { theo, old } = await moves();
      await world.visits(confirmEmail, { token: old });
      expect((await world.visits(confirmEmail, { token: old })).status).toBe("invalid");
      const notMe = (await world.mailsTo(theo.email))[0]?.links[1] ?? "";
      expect(notMe).not.toBe("");
      expect((await world.visits(confirmEmail, { token: notMe })).status).toBe("invalid");
      expect((await world.visits(confirmEmail, { token: "x".repeat(43) })).status).toBe("invalid");
      expect(await emailOf(theo)).toBe(theo.email);
    });

    it("given up, or asked for anew, leaves the old links dead", async () => {
      const first = await moves();
      expect((await first.browser.calls(cancelEmailChange, {})).status).toBe("done");
      expect((await world.visits(confirmEmail, { token: first.old })).status).toBe("invalid");
      const second = await moves();
      await second.theo.waitsForTheNextCode();
      await second.browser.stepsUp(changeEmail, { email: `${crypto.randomUUID()}@third.example` });
      expect((await world.visits(confirmEmail, { token: second.fresh })).status).toBe("invalid");
      expect(await emailOf(second.theo)).toBe(second.theo.email);
    });

    // The embedded database has one connection: nothing comes between there.
    if (kind === "PostgreSQL")
      it("waits for who locks the account and then gives the change up, and neither fails", async () => {
        const { theo, old, fresh } = await moves();
        await world.visits(confirmEmail, { token: old });
        const { answer } = await world.database.transaction(async (tx) => {
          await tx.execute(sql`select 1 from people where id = ${theo.id} for update`);
          const answer = world.visits(confirmEmail, { token: fresh });
          await expect
            .poll(() => world.count(sql`pg_locks where not granted`), { timeout: 15_000 })
            .toBeGreaterThan(0);
          await cancelPending(tx, theo.id);
          return { answer };
        });
        expect((await answer).status).toBe("invalid");
        expect(await emailOf(theo)).toBe(theo.email);
      });

    it("that somebody else has gets a mail without a link, and the asker is told nothing of it", async () => {
      const maya = await world.manager();
      const theo = await world.employee({ totp: true });
      const browser = await theo.signsIn();
      expect(await browser.stepsUp(changeEmail, { email: maya.email })).toEqual({
        status: "done",
        data: null,
      });
      const [mail] = await world.mailsTo(maya.email);
      expect(mail).toMatchObject({ kind: "email-change-taken", links: [] });
    });
  });
});
