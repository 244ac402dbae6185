import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tx } from "@/db/client";
import { testDatabases } from "@/db/testing";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { editCustomer } from "@/lib/customers/edit-customer";
import { giveRole } from "@/lib/people/give-role";
import { readAccount } from "@/lib/people/read-subject";
import { resetFactors } from "@/lib/people/reset-factors";
import { askForHelp } from "@/lib/security/ask-for-help";
import { cancelPrompt } from "@/lib/security/cancel-prompt";
import { changePassword } from "@/lib/security/change-password";
import { endSessions } from "@/lib/security/end-sessions";
import { activateAuthenticatorApp, openEnrolment, openFirstEnrolment } from "@/lib/security/enrol";
import { finishSignIn } from "@/lib/security/finish-sign-in";
import { lockAllSessions } from "@/lib/security/lock-all";
import { readOwnTrustedDevices } from "@/lib/security/read";
import { removeFactor } from "@/lib/security/remove-factor";
import { removeTrustedDevices } from "@/lib/security/remove-trusted-devices";
import { sendCode } from "@/lib/security/send-code";
import { lockNow, signOut } from "@/lib/security/session-commands";
import { GrantRefused } from "@/lib/step-up/grant";
import {
  Browser,
  bankChange,
  challengeOf,
  dataOf,
  edit,
  ibans,
  password,
  type Someone,
  World,
} from "@/lib/testing/pipeline";
import { endAllSessions } from "./end-all-sessions";
import { forgetDevices } from "./forget-devices";
import { signIn } from "./sign-in";
import { trustDevice } from "./trusted-devices";

const held = { status: "signed-out", because: "held" };
const finish = { trustDevice: false };
const hashOf = (device: string) => createHash("sha256").update(device).digest("hex");

describe.each(testDatabases.map(({ name }) => name))("a second factor at sign-in on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const mode = (signInMode: string) => world.policy({}, { signIn: signInMode });
  const attempt = (someone: Someone, device: string, typed = password) =>
    signIn(world.database, true, {
      email: someone.email,
      password: typed,
      deviceHash: hashOf(device),
      userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
      address: "192.0.2.1",
    });
  /** The password alone, on this device. */
  const entersPassword = async (someone: Someone, device: string): Promise<Browser> => {
    const result = await attempt(someone, device);
    if (result.outcome !== "signed-in") throw new Error(result.outcome);
    return new Browser(world, someone, result.cookie);
  };
  const mistypes = async (someone: Someone, device: string, times: number) => {
    for (let n = 0; n < times; n++) expect((await attempt(someone, device, "wrong")).outcome).toBe("refused");
  };
  /** The whole sign-in, on a device that is known from then on. */
  const signsInWhole = async (someone: Someone, device: string, trustDevice = false): Promise<Browser> => {
    const browser = await entersPassword(someone, device);
    dataOf(await browser.stepsUp(finishSignIn, { trustDevice }));
    await someone.waitsForTheNextCode();
    return browser;
  };
  const awaits = async (browser: Browser) => {
    const session = await browser.sessionFor("session.finish-sign-in");
    return session && session !== "held" ? session.awaits : "none";
  };
  const isOpen = async (browser: Browser) => (await browser.session()) !== null;
  const signInRows = async (someone: Someone) =>
    (await world.audit("session.sign-in"))
      .filter((row) => row.actorId === someone.id && row.outcome === "allowed")
      .map((row) => row.detail);

  describe("is asked", () => {
    it("never, as long as no administrator says otherwise, or said never", async () => {
      const theo = await world.employee({ totp: true });
      await mistypes(theo, "a", 4);
      expect(await isOpen(await entersPassword(theo, "a"))).toBe(true);
      await mode("never");
      expect(await isOpen(await entersPassword(theo, "b"))).toBe(true);
      expect(await signInRows(theo)).toEqual([{}, {}]);
    });

    it("always, also on a known device; the audit row and the prompt say why", async () => {
      await mode("always");
      const theo = await world.employee({ totp: true });
      const first = await signsInWhole(theo, "a");
      expect(await isOpen(first)).toBe(true);
      const again = await entersPassword(theo, "a");
      expect(await awaits(again)).toEqual(["always"]);
      const asked = await again.calls(finishSignIn, finish);
      expect(asked.status === "step-up-required" && asked.challenge.reasons.slice(1)).toEqual([
        { code: "sign-in", risk: "always" },
      ]);
      expect(await signInRows(theo)).toEqual([{ awaits: ["always", "new-device"] }, { awaits: ["always"] }]);
    });

    it("when risky: on a device where this person proved nothing yet, however often the password was right there", async () => {
      await mode("when-risky");
      const theo = await world.employee({ totp: true });
      expect(await awaits(await entersPassword(theo, "a"))).toEqual(["new-device"]);
      expect(await awaits(await entersPassword(theo, "a"))).toEqual(["new-device"]);
      await signsInWhole(theo, "a");
      expect(await isOpen(await entersPassword(theo, "a"))).toBe(true);
    });

    it("when risky: from the third wrong password on, there or on strangers' devices", async () => {
      await mode("when-risky");
      const theo = await world.employee({ totp: true });
      await signsInWhole(theo, "a");
      await mistypes(theo, "a", 2);
      expect(await isOpen(await entersPassword(theo, "a"))).toBe(true);
      await mistypes(theo, "a", 3);
      expect(await awaits(await entersPassword(theo, "a"))).toEqual(["after-failures"]);
      await signsInWhole(theo, "a");
      expect(await awaits(await entersPassword(theo, "a"))).toBeNull();
      await mistypes(theo, "a stranger's", 3);
      expect(await awaits(await entersPassword(theo, "a"))).toEqual(["after-failures"]);
      await world.rows(sql`update password_attempts set last_failed_at = now() - interval '25 hours'`);
      expect(await isOpen(await entersPassword(theo, "a"))).toBe(true);
    });

    it("when risky: a second right password doesn't outdo the wrong ones before it", async () => {
      await mode("when-risky");
      const theo = await world.employee({ totp: true });
      await signsInWhole(theo, "a");
      await mistypes(theo, "a", 3);
      for (let n = 0; n < 3; n++)
        expect(await awaits(await entersPassword(theo, "a"))).toEqual(["after-failures"]);
    });

    it("always, where the policy cannot be read", async () => {
      await world.policy({}, { signIn: "sometimes" });
      const theo = await world.employee({ totp: true });
      const browser = await entersPassword(theo, "a");
      const stored = await world.rows(sql`select awaits from sessions where id = ${browser.sessionId}`);
      expect(stored).toEqual([{ awaits: ["always", "new-device"] }]);
      await mode("never");
    });
  });

  describe("until it is proved", () => {
    const waiting = async (wanted: { totp?: boolean } = { totp: true }) => {
      const theo = await world.employee(wanted);
      const browser = await theo.signsIn({ awaits: ["always"], device: randomUUID() });
      return { theo, browser, acme: await world.customer() };
    };

    it("the session opens no page and no action but those of the list", async () => {
      const { browser, acme } = await waiting();
      expect(await browser.session()).toBeNull();
      expect(await browser.calls(editCustomer, edit(acme))).toEqual(held);
      expect(await browser.calls(changeBankDetails, bankChange(acme, ibans.first))).toEqual(held);
      expect(await browser.calls(lockNow, {})).toEqual(held);
      expect(await browser.calls(endSessions, { which: "others" })).toEqual(held);
      expect(await browser.calls(removeTrustedDevices, { which: "all" })).toEqual(held);
      expect((await browser.calls(askForHelp, { action: "session.finish-sign-in" })).status).toBe("done");
      const asked = await browser.calls(finishSignIn, finish);
      const token = asked.status === "step-up-required" ? asked.challenge.token : "";
      expect((await browser.calls(cancelPrompt, { token })).status).toBe("done");
      expect((await browser.calls(signOut, {})).status).toBe("done");
      expect(await browser.calls(finishSignIn, finish)).toEqual({
        status: "signed-out",
        because: "no-session",
      });
    });

    it("a proof for exactly this opens it, and serves session-bound work as any proof does, input-bound work not", async () => {
      const { browser, acme } = await waiting();
      dataOf(await browser.stepsUp(finishSignIn, finish));
      expect(await isOpen(browser)).toBe(true);
      expect((await browser.calls(editCustomer, edit(acme))).status).toBe("done");
      expect((await browser.calls(changeBankDetails, bankChange(acme, ibans.first))).status).toBe(
        "step-up-required",
      );
      const [row] = (await world.audit("session.finish-sign-in")).slice(-1);
      expect(row).toMatchObject({ outcome: "allowed", factor: "totp", detail: { awaited: ["always"] } });
    });

    it("a cookie that was copied before the proof goes on opening nothing, though it may still wait", async () => {
      const { theo, browser, acme } = await waiting();
      const thief = browser.copy();
      dataOf(await browser.stepsUp(finishSignIn, finish));
      expect(await thief.session()).toBeNull();
      expect(await thief.calls(editCustomer, edit(acme))).toEqual(held);
      await theo.waitsForTheNextCode();
      await world.rows(sql`update sessions set successor_seen_at = null where id = ${browser.sessionId}`);
      // Another rotation, by the copy's own holder or not, makes no open predecessor of it.
      const owner = thief.copy();
      dataOf(await owner.stepsUp(finishSignIn, finish));
      expect(await owner.session()).not.toBeNull();
      expect(await thief.session()).toBeNull();
    });

    it("a proof of before, of another session, pays for nothing", async () => {
      const { theo, browser } = await waiting();
      const other = await theo.signsIn({ awaits: ["always"] });
      const proof = await other.answersWithCode(await other.calls(finishSignIn, finish));
      const answer = await browser.calls(finishSignIn, finish, { proof });
      expect(answer).toMatchObject({ status: "step-up-required", replaced: "foreign" });
      expect(await isOpen(browser)).toBe(false);
    });

    it("a wrong code leaves it waiting, and a challenge for another choice is not this one's", async () => {
      const { theo, browser } = await waiting();
      const wrong = await browser.answersWithCode(
        await browser.calls(finishSignIn, finish),
        await theo.wrongCode(),
      );
      expect((await browser.calls(finishSignIn, finish, { proof: wrong })).status).toBe("proof-rejected");
      const proof = await browser.answersWithCode(await browser.calls(finishSignIn, finish));
      expect(await browser.calls(finishSignIn, { trustDevice: true }, { proof })).toMatchObject({
        status: "step-up-required",
        replaced: "changed",
      });
      expect(await isOpen(browser)).toBe(false);
    });

    it("two answers at once, with one code: one session secret, one proof, and it is open", async () => {
      const { browser } = await waiting();
      const second = browser.copy();
      const [a, b] = [await browser.calls(finishSignIn, finish), await second.calls(finishSignIn, finish)];
      const code = await browser.person.code();
      const [proofA, proofB] = [
        await browser.answersWithCode(a, code),
        await second.answersWithCode(b, code),
      ];
      const answers = await Promise.all([
        browser.calls(finishSignIn, finish, { proof: proofA }),
        second.calls(finishSignIn, finish, { proof: proofB }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual(["done", "proof-rejected"]);
      expect(browser.delivered.length + second.delivered.length).toBe(1);
    });

    it("an account that never had one sets it up, with the password again, and goes on", async () => {
      const { theo, browser } = await waiting({});
      expect(await browser.calls(finishSignIn, finish)).toMatchObject({
        status: "enrolment-required",
        first: true,
      });
      const offer = dataOf(await browser.confirms(openFirstEnrolment, {}, "password", { password }));
      const code = await theo.code(offer.app.key);
      dataOf(
        await browser.calls(activateAuthenticatorApp, {
          enrolmentId: offer.enrolmentId,
          code,
          name: "Phone",
        }),
      );
      expect(await isOpen(browser)).toBe(false);
      theo.seed = offer.app.key;
      await theo.waitsForTheNextCode();
      dataOf(await browser.stepsUp(finishSignIn, finish));
      expect(await isOpen(browser)).toBe(true);
    });

    it("a recovery code finishes no sign-in, but pays for the enrolment that does", async () => {
      const { theo, browser } = await waiting();
      const [code] = await theo.hasRecoveryCodes();
      const asked = await browser.calls(finishSignIn, finish);
      expect(asked.status === "step-up-required" && asked.challenge.factors.map((f) => f.factor)).toEqual([
        "totp",
      ]);
      const proof = browser.answers(asked, "recovery-code", { code });
      expect(await browser.calls(finishSignIn, finish, { proof })).toMatchObject({
        status: "step-up-required",
        replaced: "changed",
      });
      const input = { factor: "totp", replaces: theo.authenticatorId };
      const offer = dataOf(await browser.confirms(openEnrolment, input, "recovery-code", { code }));
      // The code replaced the secret; the cookie of before it still waits, and so does the new one.
      expect(await isOpen(browser)).toBe(false);
      dataOf(
        await browser.calls(activateAuthenticatorApp, {
          enrolmentId: offer.enrolmentId,
          code: await theo.code(offer.app.key),
          name: "New phone",
        }),
      );
      theo.seed = offer.app.key;
      await theo.waitsForTheNextCode();
      dataOf(await browser.stepsUp(finishSignIn, finish));
      expect(await isOpen(browser)).toBe(true);
    });
  });

  describe("a known device, where sign-in asks for what is unusual", () => {
    const knowing = async () => {
      await mode("when-risky");
      const theo = await world.employee({ totp: true });
      const device = randomUUID();
      return { theo, device, browser: await signsInWhole(theo, device) };
    };
    const listed = async (browser: Browser) => {
      const session = await browser.session();
      return readOwnTrustedDevices(world.reader, browser.person.id, session?.deviceHash ?? null);
    };

    it("is known for 30 days from the last proof there, and listed for as long", async () => {
      const { theo, device, browser } = await knowing();
      expect(await listed(browser)).toMatchObject([{ isChosen: false, isThisOne: true }]);
      expect(await isOpen(await entersPassword(theo, device))).toBe(true);
      await world.rows(
        sql`update device_factors set proved_at = now() - interval '30 days' where user_id = ${theo.id}`,
      );
      expect(await awaits(await entersPassword(theo, device))).toEqual(["new-device"]);
      expect(await listed(browser)).toEqual([]);
    });

    it("is its owner's to remove, one by one or all", async () => {
      const { theo, device, browser } = await knowing();
      const [{ id } = { id: "" }] = await listed(browser);
      const maya = await (await world.employee()).signsIn();
      expect((await maya.calls(removeTrustedDevices, { which: id })).status).toBe("forbidden");
      expect(dataOf(await browser.calls(removeTrustedDevices, { which: id }))).toEqual({ removed: 1 });
      expect(await awaits(await entersPassword(theo, device))).toEqual(["new-device"]);
      await signsInWhole(theo, device);
      expect(dataOf(await browser.calls(removeTrustedDevices, { which: "all" }))).toEqual({ removed: 1 });
      expect(await awaits(await entersPassword(theo, device))).toEqual(["new-device"]);
    });

    it("is a stranger again with every change of factors", async () => {
      const { theo, device } = await knowing();
      await world.database.transaction((tx) => lockAllSessions(tx, theo.id));
      expect(await awaits(await entersPassword(theo, device))).toEqual(["new-device"]);
    });
  });

  describe("a trusted device", () => {
    const trusting = async () => {
      await mode("always");
      const theo = await world.employee({ totp: true });
      const device = randomUUID();
      const browser = await signsInWhole(theo, device, true);
      return { theo, device: browser.device ?? "", before: device, browser };
    };
    const trusted = (someone: Someone) =>
      world.count(sql`trusted_devices where person_id = ${someone.id} and revoked_at is null`);

    it("is one by choice alone; then its sign-ins ask for nothing for 30 days, and its owner is told", async () => {
      await mode("always");
      const maya = await world.employee({ totp: true });
      await signsInWhole(maya, "m");
      expect(await trusted(maya)).toBe(0);
      const { theo, device } = await trusting();
      const browser = await entersPassword(theo, device);
      expect(await isOpen(browser)).toBe(true);
      expect((await signInRows(theo)).at(-1)).toEqual({ trustedDevice: true });
      expect((await world.mailsTo(theo.email)).map(({ kind }) => kind)).toContain("device-trusted");
      await world.rows(sql`update trusted_devices set expires_at = now() where person_id = ${theo.id}`);
      expect(await awaits(await entersPassword(theo, device))).toEqual(["always"]);
    });

    it("is chosen at its own proof alone: none for something else makes one, and no open session does", async () => {
      await mode("never");
      const theo = await world.employee({ totp: true });
      const browser = await entersPassword(theo, randomUUID());
      dataOf(await browser.stepsUp(editCustomer, edit(await world.customer())));
      dataOf(await browser.calls(finishSignIn, { trustDevice: true }));
      expect([await trusted(theo), browser.device]).toEqual([0, null]);
      await theo.waitsForTheNextCode();
      const other = await entersPassword(theo, randomUUID());
      dataOf(await other.stepsUp(finishSignIn, { trustDevice: true }));
      expect([await trusted(theo), other.device]).toEqual([0, null]);
      await theo.waitsForTheNextCode();
      await mode("always");
      const waiting = await entersPassword(theo, randomUUID());
      dataOf(await waiting.stepsUp(openEnrolment, { factor: "totp", replaces: null }));
      dataOf(await waiting.calls(finishSignIn, { trustDevice: true }));
      expect(await isOpen(waiting)).toBe(true);
      expect([await trusted(theo), waiting.device]).toEqual([0, null]);
    });

    it("stands in for no step-up", async () => {
      const { theo, device } = await trusting();
      const browser = await entersPassword(theo, device);
      const acme = await world.customer();
      expect((await browser.calls(editCustomer, edit(acme))).status).toBe("step-up-required");
      expect((await browser.calls(endSessions, { which: "others" })).status).toBe("step-up-required");
    });

    it("is nobody else's", async () => {
      const { device } = await trusting();
      const maya = await world.employee({ totp: true });
      expect(await awaits(await entersPassword(maya, device))).toEqual(["always", "new-device"]);
    });

    it("is asked again after wrong passwords, its own or strangers'", async () => {
      const { theo, device } = await trusting();
      await mistypes(theo, "a stranger's", 3);
      expect(await awaits(await entersPassword(theo, device))).toEqual(["after-failures"]);
      await mode("when-risky");
      expect(await awaits(await entersPassword(theo, device))).toEqual(["after-failures"]);
    });

    it("gets another value: a copy of its cookie from before, at a shared desk, is a stranger's", async () => {
      const { theo, device, before } = await trusting();
      expect(device).toMatch(/^[\w-]{43}$/);
      expect(await awaits(await entersPassword(theo, before))).toEqual(["always", "new-device"]);
      await mode("when-risky");
      expect(await awaits(await entersPassword(theo, before))).toEqual(["new-device"]);
      expect(await isOpen(await entersPassword(theo, device))).toBe(true);
    });

    it("leaves its old value to nobody: who signs in with a copy of it is news, whatever sessions began there", async () => {
      await mode("always");
      const theo = await world.employee({ totp: true });
      const before = randomUUID();
      await entersPassword(theo, before);
      await signsInWhole(theo, before, true);
      const told = async () =>
        (await world.mailsTo(theo.email)).filter((mail) => mail.kind === "signed-in").length;
      expect(await told()).toBe(0);
      await entersPassword(theo, before);
      expect(await told()).toBe(1);
    });

    const by = {
      id: randomUUID(),
      name: "Ada",
      email: "ada@keyturn.example",
      role: "administrator" as const,
      teamId: null,
    };
    const ends: [string, (world: World, browser: Browser) => Promise<unknown>][] = [
      [
        "an authenticator that was removed",
        async (_world, browser) => {
          const [old, theo] = [browser.person.authenticatorId, browser.person];
          await theo.hasAnAuthenticatorApp();
          dataOf(await browser.stepsUp(removeFactor, { authenticatorId: old }));
          await theo.waitsForTheNextCode();
        },
      ],
      [
        "another password",
        async (_world, browser) => {
          const next = { current: password, next: `${password} and a longer one` };
          dataOf(await browser.stepsUp(changePassword, next));
          await browser.person.waitsForTheNextCode();
        },
      ],
      [
        "another role",
        (world, { person }) =>
          world.database.transaction(async (tx) => {
            const account = await readAccount(tx, person.id);
            if (!account) throw new Error("there is no such account");
            await giveRole(tx, account, {
              role: "manager",
              team: account.team,
              customersTo: null,
              by,
              reason: "",
            });
          }),
      ],
      [
        "a reset",
        (world, { person }) =>
          world.database.transaction((tx) =>
            resetFactors.run(
              tx,
              { personId: person.id, email: null },
              { approvalId: randomUUID(), askedBy: by, approvedBy: by, reason: "" },
            ),
          ),
      ],
      [
        "This wasn't me",
        (world, { person }) => world.database.transaction((tx) => forgetDevices(tx, person.id)),
      ],
    ];

    it.each(ends)("ends with %s", async (what, does) => {
      const { theo, device, browser } = await trusting();
      await does(world, browser);
      expect(await trusted(theo)).toBe(0);
      const typed = what === "another password" ? `${password} and a longer one` : password;
      const result = await attempt(theo, device, typed);
      if (result.outcome !== "signed-in") throw new Error(result.outcome);
      expect(await isOpen(new Browser(world, theo, result.cookie))).toBe(false);
    });

    // On the embedded database nothing comes between.
    if (kind === "PostgreSQL") {
      const waitsForALock = () => expect.poll(() => world.waiters(), { timeout: 15_000 }).toBeGreaterThan(0);
      /** Factors change while a call waits for its session, whose row the change has. */
      const whileFactorsChange = async <Answer>(browser: Browser, calls: () => Promise<Answer>) => {
        const { answer } = await world.database.transaction(async (tx) => {
          await tx.execute(sql`select 1 from sessions where id = ${browser.sessionId} for update`);
          const answer = calls();
          await waitsForALock();
          await lockAllSessions(tx, browser.person.id);
          return { answer };
        });
        return answer;
      };

      it("that is given while factors change is trusted no more afterwards", async () => {
        const { theo, device, browser } = await trusting();
        const personId = theo.id;
        let change: Promise<void> | undefined;
        await world.database.transaction(async (tx) => {
          await tx.execute(sql`select 1 from sessions where id = ${browser.sessionId} for update`);
          change = world.database.transaction((other) => lockAllSessions(other, personId));
          await waitsForALock();
          await trustDevice(tx, { personId, deviceHash: hashOf(device), userAgent: "" });
          await trustDevice(tx, { personId, deviceHash: hashOf("another"), userAgent: "" });
        });
        await change;
        expect(await trusted(theo)).toBe(0);
      });

      it.each([
        ["a change of factors", (tx: Tx, personId: string) => lockAllSessions(tx, personId)],
        ["a reset", (tx: Tx, personId: string) => endAllSessions(tx, personId, "factors-reset")],
      ])("is none where %s comes between the proof and the trust", async (_what, ends) => {
        await mode("always");
        const theo = await world.employee({ totp: true });
        const browser = await entersPassword(theo, randomUUID());
        let change: Promise<void> | undefined;
        browser.afterProof = () =>
          new Promise((begun, failed) => {
            change = world.database.transaction(async (tx) => {
              await ends(tx, theo.id);
              begun();
              await waitsForALock();
            });
            change.catch(failed);
          });
        const answer = await browser.stepsUp(finishSignIn, { trustDevice: true });
        await change;
        expect(answer.status).toBe("failed");
        expect(world.failures.at(-1)).toMatchObject({ because: expect.stringContaining("was locked") });
        expect([await trusted(theo), browser.device]).toEqual([0, null]);
      });

      it("isn't even known by a proof that a change of factors overtook, and neither stops the other", async () => {
        await mode("when-risky");
        const theo = await world.employee({ totp: true });
        const device = randomUUID();
        await signsInWhole(theo, device);
        const browser = await entersPassword(theo, device);
        const change = edit(await world.customer());
        const proof = await browser.answersWithCode(await browser.calls(editCustomer, change));
        const answer = await whileFactorsChange(browser, () =>
          browser.calls(editCustomer, change, { proof }),
        );
        expect(answer.status).toBe("failed");
        expect(world.failures.at(-1)).toBeInstanceOf(GrantRefused);
        expect(await awaits(await entersPassword(theo, device))).toEqual(["new-device"]);
      });

      it("a new authenticator is activated while factors change, and neither stops the other", async () => {
        await mode("when-risky");
        const theo = await world.employee({ totp: true });
        const browser = await signsInWhole(theo, randomUUID());
        const { enrolmentId, app } = dataOf(
          await browser.stepsUp(openEnrolment, { factor: "totp", replaces: null }),
        );
        await theo.waitsForTheNextCode();
        const code = await theo.code(app.key);
        // The new cookie's first return is noted in the session's row, too: that isn't what is to wait here.
        await browser.session();
        const answer = await whileFactorsChange(browser, () =>
          browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "New phone" }),
        );
        expect(answer.status).toBe("done");
      });
    }

    it("is none by a code that was sent, and neither is it known", async () => {
      const rule = { signIn: "when-risky", factors: { "email-code": true } };
      await world.policy({}, rule);
      const erin = await world.employee();
      const authenticatorId = await erin.hasCodesBy("email-code");
      const browser = await entersPassword(erin, "e");
      const asked = await browser.calls(finishSignIn, { trustDevice: true });
      const { token } = challengeOf(asked);
      dataOf(await browser.calls(sendCode, { token, authenticatorId }));
      const proof = browser.answers(asked, "email-code", { code: await erin.newestCode() });
      dataOf(await browser.calls(finishSignIn, { trustDevice: true }, { proof }));
      expect(await isOpen(browser)).toBe(true);
      expect([await trusted(erin), browser.device]).toEqual([0, null]);
      expect(await awaits(await entersPassword(erin, "e"))).toEqual(["new-device"]);
      await world.rows(sql`update authenticators set void_since = now() where user_id = ${erin.id}`);
      expect((await (await entersPassword(erin, "e")).calls(finishSignIn, finish)).status).toBe(
        "enrolment-required",
      );
    });

    it("is its owner's to remove, and nobody else's", async () => {
      const { theo, browser } = await trusting();
      const [row] = await world.rows<{ id: string }>(
        sql`select id from trusted_devices where person_id = ${theo.id}`,
      );
      const maya = await (await world.employee()).signsIn();
      expect((await maya.calls(removeTrustedDevices, { which: row?.id })).status).toBe("forbidden");
      dataOf(await maya.calls(removeTrustedDevices, { which: "all" }));
      expect(await trusted(theo)).toBe(1);
      expect(dataOf(await browser.calls(removeTrustedDevices, { which: row?.id }))).toEqual({ removed: 1 });
      expect(await trusted(theo)).toBe(0);
    });
  });
});
