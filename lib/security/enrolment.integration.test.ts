import { sql } from "drizzle-orm";
import { generate } from "otplib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { unseal } from "@/lib/platform/key-ring";
import type { ActionResult } from "@/lib/step-up/action-result";
import { enrolmentPlace } from "@/lib/step-up/enrolment/ticket";
import {
  type Browser,
  bankChange,
  challengeOf,
  dataOf,
  password,
  type Someone,
  testSecrets,
  World,
} from "@/lib/testing/pipeline";
import { changePassword } from "./change-password";
import { changeEmail } from "./email/change-email";
import { activateAuthenticatorApp, activatePasskey, openEnrolment, openFirstEnrolment } from "./enrol";
import { generateRecoveryCodes } from "./generate-recovery-codes";
import { removeFactor } from "./remove-factor";
import { lockNow } from "./session-commands";

describe.each(testDatabases.map(({ name }) => name))("binding an authenticator on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());
  afterEach(() => {
    world.failures.length = 0;
  });

  const expired = {
    status: "invalid",
    fields: {},
    message: "This set-up has expired or was finished. Start again.",
  };

  async function opensFirst(browser: Browser) {
    const asked = await browser.calls(openFirstEnrolment, {});
    return dataOf(
      await browser.calls(
        openFirstEnrolment,
        {},
        { proof: browser.answers(asked, "password", { password }) },
      ),
    );
  }

  async function opensAnother(browser: Browser, factor: "totp" | "passkey" = "totp") {
    await browser.person.waitsForTheNextCode();
    return dataOf(await browser.stepsUp(openEnrolment, { factor }));
  }

  async function opensWithRecoveryCode(browser: Browser, code: string) {
    const asked = await browser.calls(openEnrolment, { factor: "totp" });
    return browser.calls(
      openEnrolment,
      { factor: "totp" },
      { proof: browser.answers(asked, "recovery-code", { code }) },
    );
  }

  async function activates(
    browser: Browser,
    offer: { enrolmentId: string; app: { key: string } },
    name = "New phone",
  ) {
    await browser.person.waitsForTheNextCode();
    const code = await browser.person.code(offer.app.key);
    return browser.calls(activateAuthenticatorApp, { enrolmentId: offer.enrolmentId, code, name });
  }

  const appsOf = (someone: Someone) =>
    world.rows<{ id: string; name: string; probation: boolean }>(
      sql`select id, name, coalesce(probation_until > now(), false) as probation from authenticators where user_id = ${someone.id} and removed_at is null order by created_at`,
    );
  const failuresOf = async (someone: Someone, budget: string) => {
    const [row] = await world.rows<{ n: number }>(
      sql`select coalesce(sum(failures), 0)::int as n from code_attempts where user_id = ${someone.id} and budget = ${budget}`,
    );
    return row?.n;
  };
  const hasAPasskey = async (someone: Someone) => {
    await world.rows(sql`with one as (insert into authenticators (user_id, factor, name) values (${someone.id}, 'passkey', 'Key') returning id)
      insert into passkeys (authenticator_id, credential_id, public_key, counter, aaguid, backup_eligible, backed_up)
      select id, id::text, '\\x00', 0, '00000000-0000-0000-0000-000000000000', false, false from one`);
  };

  describe("the very first", () => {
    it("takes the password in the flow, however fresh the sign-in", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const asked = await browser.calls(openFirstEnrolment, {});
      expect(challengeOf(asked)).toMatchObject({
        binding: "input",
        factors: [{ factor: "password" }],
        prompt: { purpose: "to set up your second factor" },
      });
      expect(await world.count(sql`enrolments where user_id = ${theo.id}`)).toBe(0);
    });

    it("counts a wrong password, in a budget of its own", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      let result: ActionResult<unknown> = await browser.calls(openFirstEnrolment, {});
      for (let n = 1; n <= 10; n++) {
        result = await browser.calls(
          openFirstEnrolment,
          {},
          { proof: browser.answers(result, "password", { password: `wrong ${n}` }) },
        );
        expect(result).toMatchObject({ status: "proof-rejected", reason: "wrong", triesLeft: 10 - n });
      }
      expect(await failuresOf(theo, "password")).toBe(10);
      expect(await failuresOf(theo, "codes")).toBe(0);
      const right = await browser.calls(
        openFirstEnrolment,
        {},
        { proof: browser.answers(result, "password", { password }) },
      );
      expect(right.status).toBe("rate-limited");
      expect(await world.count(sql`enrolments where user_id = ${theo.id}`)).toBe(0);
    });

    it("is bound with a code of the new app: on probation, with ten codes, a notice and rows in the log", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const offer = await opensFirst(browser);
      const activated = dataOf(await activates(browser, offer, "Theo's phone"));
      expect(activated).toMatchObject({ name: "Theo's phone", onProbation: true });
      expect(activated.recoveryCodes).toHaveLength(10);
      expect(new Set(activated.recoveryCodes).size).toBe(10);
      for (const code of activated.recoveryCodes ?? [])
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(await appsOf(theo)).toMatchObject([{ name: "Theo's phone", probation: true }]);
      expect(await world.rows(sql`select kind, recipient from outbox where person_id = ${theo.id}`)).toEqual([
        { kind: "factor-added", recipient: theo.email },
      ]);
      expect(await world.rows(sql`select purpose, data from links where person_id = ${theo.id}`)).toEqual([
        {
          purpose: "not-me",
          data: { did: "factor-added", authenticatorId: activated.authenticatorId },
        },
      ]);
      const rows = (await world.audit()).filter((row) => row.sessionId === browser.sessionId);
      expect(rows).toMatchObject([
        { action: "security.enrol-first-factor", outcome: "allowed", factor: "password" },
        {
          action: "security.activate-factor",
          outcome: "allowed",
          authenticatorId: activated.authenticatorId,
          detail: { step: "activated", kind: "totp", onProbation: true },
        },
      ]);
    });

    it("does not raise the session: the new app proves itself once, and then unlocks editing but confirms nothing", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const acme = await world.customer();
      const offer = await opensFirst(browser);
      await activates(browser, offer);
      theo.seed = offer.app.key;
      expect((await browser.calls(beginEdit, { customerId: acme.id })).status).toBe("step-up-required");
      await theo.waitsForTheNextCode();
      expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
      expect(await browser.calls(changeBankDetails, bankChange(acme))).toMatchObject({
        status: "forbidden",
        reasons: [{ code: "needs-factor" }, { code: "on-probation" }],
      });
    });

    it.each([
      ["in use", sql`null`, sql`null`],
      ["suspended", sql`now()`, sql`null`],
      ["removed", sql`null`, sql`now()`],
    ])(
      "is never true again: an authenticator that is %s refuses it, though the password is right",
      async (_how, suspended, removed) => {
        const theo = await world.employee({ totp: true });
        const browser = await theo.signsIn();
        await world.rows(
          sql`update authenticators set suspended_at = ${suspended}, removed_at = ${removed} where user_id = ${theo.id}`,
        );
        expect(await browser.calls(openFirstEnrolment, {})).toMatchObject({
          status: "forbidden",
          reasons: [{ code: "needs-factor" }, { code: "had-a-factor" }],
        });
        expect(await world.count(sql`enrolments where user_id = ${theo.id}`)).toBe(0);
      },
    );

    it("is not bound twice by tickets that were opened at the same time", async () => {
      const theo = await world.employee();
      const [desk, thief] = [await theo.signsIn(), await theo.signsIn()];
      const [own, stolen] = [await opensFirst(desk), await opensFirst(thief)];
      expect((await activates(desk, own)).status).toBe("done");
      expect(await activates(thief, stolen)).toEqual(expired);
      expect(await appsOf(theo)).toHaveLength(1);
    });

    it("is not bound twice by activations in parallel", async () => {
      const theo = await world.employee();
      const browsers = await Promise.all(Array.from({ length: 6 }, () => theo.signsIn()));
      const offers: Awaited<ReturnType<typeof opensFirst>>[] = [];
      for (const browser of browsers) offers.push(await opensFirst(browser));
      const epoch = Math.floor((await world.now()).getTime() / 1000);
      // Each a later step than the one before, so that no two of them are the same code.
      const results = await Promise.all(
        browsers.map(async (browser, n) => {
          const { enrolmentId, app } = offers[n]!;
          const code = await generate({ secret: app.key, epoch: epoch + 30 * ((n % 3) - 1) });
          return browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: `Phone ${n}` });
        }),
      );
      expect(results.filter((one) => one.status === "done")).toHaveLength(1);
      expect(await appsOf(theo)).toHaveLength(1);
    });
  });

  describe("another one", () => {
    it("takes the strongest factor for exactly this: an unlocked session is not enough", async () => {
      const theo = await world.employee({ totp: true });
      const browser = await theo.signsIn();
      const acme = await world.customer();
      await browser.stepsUp(beginEdit, { customerId: acme.id });
      const asked = await browser.calls(openEnrolment, { factor: "totp" });
      expect(challengeOf(asked)).toMatchObject({
        binding: "input",
        factors: [{ factor: "totp" }],
        reasons: [{ code: "needs-factor" }, { code: "exactly-this" }],
      });
      await theo.waitsForTheNextCode();
      expect(
        (
          await browser.calls(
            openEnrolment,
            { factor: "totp" },
            { proof: await browser.answersWithCode(asked) },
          )
        ).status,
      ).toBe("done");
    });

    it("is not opened with the password, whose thief knows it", async () => {
      const theo = await world.employee({ totp: true });
      const browser = await theo.signsIn();
      const asked = await browser.calls(openEnrolment, { factor: "totp" });
      const before = await world.spent();
      expect(
        await browser.calls(
          openEnrolment,
          { factor: "totp" },
          { proof: browser.answers(asked, "password", { password }) },
        ),
      ).toMatchObject({ replaced: "changed" });
      expect(await world.spent()).toEqual(before);
    });

    it("is not opened with a code by who has a passkey: a phished code must not bind a key for good", async () => {
      const theo = await world.employee({ totp: true });
      await hasAPasskey(theo);
      const browser = await theo.signsIn();
      const asked = await browser.calls(openEnrolment, { factor: "passkey" });
      expect(challengeOf(asked).factors.map(({ factor }) => factor)).toEqual(["passkey"]);
      const before = await world.spent();
      expect(
        await browser.calls(
          openEnrolment,
          { factor: "passkey" },
          { proof: await browser.answersWithCode(asked) },
        ),
      ).toMatchObject({ status: "step-up-required", replaced: "changed" });
      expect(await world.spent()).toEqual(before);
    });

    it("proved for an app is not proved for a passkey", async () => {
      const browser = await (await world.employee({ totp: true })).signsIn();
      const proof = await browser.answersWithCode(await browser.calls(openEnrolment, { factor: "totp" }));
      expect(await browser.calls(openEnrolment, { factor: "passkey" }, { proof })).toMatchObject({
        replaced: "changed",
      });
      const offer = await opensAnother(browser, "passkey");
      expect(await activates(browser, offer)).toEqual(expired);
    });

    it("vouched for by an app is on no probation, and brings no new codes where there are some", async () => {
      const theo = await world.employee({ totp: true });
      await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const activated = dataOf(await activates(browser, await opensAnother(browser)));
      expect(activated).toMatchObject({ onProbation: false, recoveryCodes: null });
      expect(await appsOf(theo)).toMatchObject([{ probation: false }, { probation: false }]);
    });

    it("vouched for by an app on probation is on probation itself: a password thief gets no way round the day", async () => {
      const theo = await world.employee();
      await theo.hasAnAuthenticatorApp({ onProbation: true });
      const browser = await theo.signsIn();
      const acme = await world.customer();
      const offer = await opensAnother(browser);
      expect(dataOf(await activates(browser, offer))).toMatchObject({ onProbation: true });
      theo.seed = offer.app.key;
      expect((await browser.calls(changeBankDetails, bankChange(acme))).status).toBe("forbidden");
    });

    it("vouched for by an app on probation replaces nothing: only the code that paid for that one may", async () => {
      const theo = await world.employee({ totp: true });
      const owned = theo.authenticatorId;
      await theo.hasAnAuthenticatorApp({ onProbation: true });
      const browser = await theo.signsIn();
      expect(await browser.stepsUp(openEnrolment, { factor: "totp", replaces: owned })).toEqual({
        status: "forbidden",
        message: "What you confirmed with is on probation: it replaces no other.",
        reasons: [],
      });
      expect(await world.count(sql`enrolments where user_id = ${theo.id}`)).toBe(0);
    });

    it("ends the elevation of every session, and no session of anybody else", async () => {
      const [theo, maya] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
      const [desk, phone, hers] = [await theo.signsIn(), await theo.signsIn(), await maya.signsIn()];
      const acme = await world.customer();
      for (const browser of [desk, phone, hers]) {
        await browser.person.waitsForTheNextCode();
        expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
      }
      expect((await activates(desk, await opensAnother(desk))).status).toBe("done");
      for (const browser of [desk, phone]) {
        expect(challengeOf(await browser.calls(beginEdit, { customerId: acme.id })).reasons).toContainEqual({
          code: "locked-since",
        });
      }
      expect((await hers.calls(beginEdit, { customerId: acme.id })).status).toBe("done");
    });

    it("is refused as the sixth app", async () => {
      const theo = await world.employee({ totp: true });
      for (let n = 0; n < 4; n++) await theo.hasAnAuthenticatorApp();
      const browser = await theo.signsIn();
      const offer = await opensAnother(browser);
      expect(await activates(browser, offer)).toMatchObject({
        status: "invalid",
        message: "You have five authenticator apps: remove one first.",
      });
      expect(await appsOf(theo)).toHaveLength(5);
    });
  });

  describe("an administrator's", () => {
    it.each([
      ["suspended", sql`suspended_at = now()`],
      ["removed", sql`removed_at = now()`],
    ])(
      "is not opened with a code once a passkey was there, though it is %s (threats 20)",
      async (_how, gone) => {
        const ada = await world.administrator({ totp: true });
        await world.rows(sql`update authenticators set ${gone} where id = ${await ada.hasAPasskey()}`);
        await ada.hasRecoveryCodes();
        const browser = await ada.signsIn();
        for (const factor of ["passkey", "totp"] as const) {
          const asked = await browser.calls(openEnrolment, { factor });
          expect(challengeOf(asked).factors.map((one) => one.factor)).toEqual(["recovery-code"]);
          const proof = await browser.answersWithCode(asked);
          expect(await browser.calls(openEnrolment, { factor }, { proof })).toMatchObject({
            replaced: "changed",
          });
        }
        // Codes made with a code would be the way round.
        expect((await browser.calls(generateRecoveryCodes, {})).status).toBe("enrolment-required");
        expect(await world.count(sql`enrolments where user_id = ${ada.id}`)).toBe(0);
      },
    );

    it("replaces no last passkey by an app: nothing would confirm the work any more", async () => {
      const ada = await world.administrator({ totp: true });
      const key = await ada.hasAPasskey();
      const [code = "", second = ""] = await ada.hasRecoveryCodes();
      const browser = await ada.signsIn();
      const byApp = { factor: "totp", replaces: key };
      expect(await browser.confirms(openEnrolment, byApp, "recovery-code", { code })).toMatchObject({
        status: "invalid",
        message: expect.stringContaining("Your work needs this one"),
      });
      expect(await world.count(sql`enrolments where user_id = ${ada.id}`)).toBe(0);
      const byKey = { factor: "passkey", replaces: key };
      expect((await browser.confirms(openEnrolment, byKey, "recovery-code", { code: second })).status).toBe(
        "done",
      );
    });
  });

  describe("a ticket", () => {
    it("binds one authenticator", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const offer = await opensFirst(browser);
      expect((await activates(browser, offer)).status).toBe("done");
      expect(await activates(browser, offer)).toEqual(expired);
      expect(await appsOf(theo)).toHaveLength(1);
    });

    it("binds one authenticator for 20 activations in parallel", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const { enrolmentId, app } = await opensFirst(browser);
      const code = await theo.code(app.key);
      const results = await Promise.all(
        Array.from({ length: 20 }, () =>
          browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "Phone" }),
        ),
      );
      expect(results.filter((one) => one.status === "done")).toHaveLength(1);
      expect(await appsOf(theo)).toHaveLength(1);
      expect(await world.count(sql`recovery_codes where user_id = ${theo.id}`)).toBe(10);
    });

    it("is of no use to another session, another user, and nobody at all", async () => {
      const theo = await world.employee();
      const [browser, elsewhere, mallorys] = [
        await theo.signsIn(),
        await theo.signsIn(),
        await (await world.employee()).signsIn(),
      ];
      const offer = await opensFirst(browser);
      for (const other of [elsewhere, mallorys]) expect(await activates(other, offer)).toEqual(expired);
      expect(await activates(browser, { ...offer, enrolmentId: crypto.randomUUID() })).toEqual(expired);
      expect((await activates(browser, offer)).status).toBe("done");
    });

    it("ends with Lock now", async () => {
      const browser = await (await world.employee()).signsIn();
      const offer = await opensFirst(browser);
      await browser.calls(lockNow, {});
      expect(await activates(browser, offer)).toEqual(expired);
    });

    it("ends after ten minutes", async () => {
      const browser = await (await world.employee()).signsIn();
      const offer = await opensFirst(browser);
      expect(offer.expiresInSeconds).toBe(600);
      const [row] = await world.rows<{ s: number }>(
        sql`select extract(epoch from expires_at - created_at)::int as s from enrolments where id = ${offer.enrolmentId}`,
      );
      expect(row?.s).toBe(600);
      await world.rows(sql`update enrolments set expires_at = now() where id = ${offer.enrolmentId}`);
      expect(await activates(browser, offer)).toEqual(expired);
    });

    it("survives a wrong code, which binds nothing", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const { enrolmentId, app } = await opensFirst(browser);
      theo.seed = app.key;
      const wrong = await browser.calls(activateAuthenticatorApp, {
        enrolmentId,
        code: await theo.wrongCode(),
        name: "Phone",
      });
      expect(wrong).toMatchObject({
        status: "invalid",
        fields: { code: "That code didn't match. Check your phone's clock or wait for the next code." },
      });
      expect(await appsOf(theo)).toEqual([]);
      expect((await activates(browser, { enrolmentId, app })).status).toBe("done");
    });

    it("takes no passkey that is none", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const { enrolmentId } = await opensFirst(browser);
      for (const response of ["", "{}", "null", "[", JSON.stringify({ id: "x" }), "x".repeat(60_000)]) {
        expect((await browser.calls(activatePasskey, { enrolmentId, response })).status).toBe("invalid");
      }
      expect(await appsOf(theo)).toEqual([]);
      expect(world.failures).toEqual([]);
    });

    it.each(["", "   ", "x".repeat(61), "Phone\u0000", "\u202Eenohp", "\ud800", "Phone\nDate: now"])(
      "takes no name like %j",
      async (name) => {
        const browser = await (await world.employee()).signsIn();
        const offer = await opensFirst(browser);
        const result = await activates(browser, offer, name);
        expect(result).toMatchObject({ status: "invalid", fields: { name: expect.any(String) } });
        expect(world.failures).toEqual([]);
      },
    );

    it("is answered by a code that counts as used afterwards", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const acme = await world.customer();
      const { enrolmentId, app } = await opensFirst(browser);
      theo.seed = app.key;
      const code = await theo.code();
      expect(
        (await browser.calls(activateAuthenticatorApp, { enrolmentId, code, name: "Phone" })).status,
      ).toBe("done");
      const asked = await browser.calls(beginEdit, { customerId: acme.id });
      expect(
        await browser.calls(
          beginEdit,
          { customerId: acme.id },
          { proof: await browser.answersWithCode(asked, code) },
        ),
      ).toMatchObject({ status: "proof-rejected", reason: "used" });
    });

    it("keeps no seed once it is used, in the same transaction", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const offer = await opensFirst(browser);
      const seedOf = async () => {
        const [row] = await world.rows<{ sealed: string }>(
          sql`select sealed_seed as sealed from enrolments where id = ${offer.enrolmentId}`,
        );
        const place = enrolmentPlace(theo.id, offer.enrolmentId);
        return unseal(testSecrets.encryptionKeys, row?.sealed ?? "", place).toString();
      };
      expect(await seedOf()).toBe(offer.app.key);
      await activates(browser, offer);
      expect(await seedOf()).toBe("");
    });

    it("lies sealed in the database: no seed, no code, no recovery code can be read there", async () => {
      const theo = await world.employee();
      const browser = await theo.signsIn();
      const offer = await opensFirst(browser);
      const { recoveryCodes } = dataOf(await activates(browser, offer));
      const stored = await world.everythingStored();
      for (const secret of [offer.app.key, offer.app.uri, password]) expect(stored).not.toContain(secret);
      for (const code of recoveryCodes ?? []) {
        expect(stored).not.toContain(code);
        expect(stored).not.toContain(code.replaceAll("-", ""));
        expect(stored).not.toContain(code.slice(4));
      }
      expect(recoveryCodes).toHaveLength(10);
    });
  });

  describe("a recovery code", () => {
    it("opens one enrolment, whose authenticator is on probation, and is gone", async () => {
      const theo = await world.employee({ totp: true });
      const [code = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const offer = dataOf(await opensWithRecoveryCode(browser, code));
      expect(dataOf(await activates(browser, offer))).toMatchObject({
        onProbation: true,
        recoveryCodes: null,
      });
      expect(await world.count(sql`recovery_codes where user_id = ${theo.id} and used_at is not null`)).toBe(
        1,
      );
      expect(await opensWithRecoveryCode(browser, code)).toMatchObject({
        status: "proof-rejected",
        factor: "recovery-code",
        reason: expect.stringMatching(/^(wrong|used)$/),
      });
      expect(await failuresOf(theo, "recovery")).toBe(1);
      expect(await failuresOf(theo, "codes")).toBe(0);
    });

    it("brings no new ones when it was the last, nor does what its authenticator vouches for", async () => {
      const theo = await world.employee({ totp: true });
      const [code = ""] = await theo.hasRecoveryCodes();
      await world.rows(
        sql`update recovery_codes set revoked_at = now() where user_id = ${theo.id} and lookup <> ${code.slice(0, 3)}`,
      );
      const browser = await theo.signsIn();
      const offer = dataOf(await opensWithRecoveryCode(browser, code));
      expect(dataOf(await activates(browser, offer))).toMatchObject({
        onProbation: true,
        recoveryCodes: null,
      });
      theo.seed = offer.app.key;
      expect(dataOf(await activates(browser, await opensAnother(browser)))).toMatchObject({
        onProbation: true,
        recoveryCodes: null,
      });
    });

    it("changes nothing of the account's security by what it paid for, while that is on probation", async () => {
      const theo = await world.employee({ totp: true });
      const owned = theo.authenticatorId;
      const [code = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const offer = dataOf(await opensWithRecoveryCode(browser, code));
      await activates(browser, offer);
      const owners = theo.seed;
      theo.seed = offer.app.key;
      const acts = [
        [removeFactor, { authenticatorId: owned }],
        [generateRecoveryCodes, {}],
        [changePassword, { current: password, next: "seven quiet herons at dawn" }],
        [changeEmail, { email: "thief@keyturn.example" }],
      ] as unknown as [typeof generateRecoveryCodes, unknown][];
      for (const [command, input] of acts) {
        await theo.waitsForTheNextCode();
        expect(await browser.stepsUp(command, input), command.name).toMatchObject({
          status: "proof-rejected",
          reason: "wrong",
        });
      }
      // The owner's own app goes on: it removes the thief's.
      theo.seed = owners;
      await theo.waitsForTheNextCode();
      const [, thiefs] = await appsOf(theo);
      expect((await browser.stepsUp(removeFactor, { authenticatorId: thiefs?.id })).status).toBe("done");
    });

    it("is read as people write it", async () => {
      const theo = await world.employee({ totp: true });
      const [code = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
      expect((await opensWithRecoveryCode(browser, typed)).status).toBe("done");
    });

    it("passes once for 20 answers in parallel", async () => {
      const theo = await world.employee({ totp: true });
      const [code] = await theo.hasRecoveryCodes();
      const browsers = await Promise.all(Array.from({ length: 20 }, () => theo.signsIn()));
      const asked = await Promise.all(browsers.map((one) => one.calls(openEnrolment, { factor: "totp" })));
      const results = await Promise.all(
        browsers.map((one, n) =>
          one.calls(
            openEnrolment,
            { factor: "totp" },
            { proof: one.answers(asked[n]!, "recovery-code", { code }) },
          ),
        ),
      );
      expect(results.filter((one) => one.status === "done")).toHaveLength(1);
      expect(await world.count(sql`enrolments where user_id = ${theo.id}`)).toBe(1);
      expect(await world.count(sql`recovery_codes where user_id = ${theo.id} and used_at is not null`)).toBe(
        1,
      );
    });

    it("unlocks no customer data, neither directly nor by the enrolment that it opened", async () => {
      const theo = await world.employee({ totp: true });
      const [code = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const acme = await world.customer();
      const contract = await world.contract(acme.id);
      const gated = [
        [beginEdit, { customerId: acme.id }],
        [changeBankDetails, bankChange(acme)],
        [viewContract, { customerId: acme.id, contractId: contract.id }],
      ] as unknown as [typeof beginEdit, unknown][];
      for (const [command, input] of gated) {
        const asked = await browser.calls(command, input);
        expect(challengeOf(asked).factors.map(({ factor }) => factor)).toEqual(["totp"]);
        const before = await world.spent();
        for (const proof of [
          browser.answers(asked, "recovery-code", { code }),
          browser.answers(asked, "password", { password }),
        ]) {
          expect(await browser.calls(command, input, { proof })).toMatchObject({
            status: "step-up-required",
            replaced: "changed",
          });
        }
        expect(await world.spent()).toEqual(before);
      }
      expect(await world.count(sql`recovery_codes where user_id = ${theo.id} and used_at is null`)).toBe(10);
      expect((await opensWithRecoveryCode(browser, code)).status).toBe("done");
      for (const [command, input] of gated)
        expect((await browser.calls(command, input)).status).toBe("step-up-required");
    });

    it("of another user, its stored hash, and a replaced one are wrong codes", async () => {
      const [theo, mallory] = [await world.employee({ totp: true }), await world.employee({ totp: true })];
      const [foreign = ""] = await mallory.hasRecoveryCodes();
      const [replaced = ""] = await theo.hasRecoveryCodes();
      await theo.hasRecoveryCodes();
      const [stored] = await world.rows<{ hash: string }>(
        sql`select hash from recovery_codes where user_id = ${theo.id} and revoked_at is null limit 1`,
      );
      const browser = await theo.signsIn();
      for (const code of [foreign, stored?.hash ?? "", replaced]) {
        expect(await opensWithRecoveryCode(browser, code)).toMatchObject({
          status: "proof-rejected",
          reason: expect.stringMatching(/^(wrong|used)$/),
        });
      }
      expect(await failuresOf(theo, "recovery")).toBe(3);
      expect(
        await world.count(sql`recovery_codes where user_id = ${mallory.id} and used_at is not null`),
      ).toBe(0);
    });

    it("works while codes are off after a hundred failures, and turns them on again", async () => {
      const theo = await world.employee({ totp: true });
      const [code = ""] = await theo.hasRecoveryCodes();
      const browser = await theo.signsIn();
      const acme = await world.customer();
      await world.rows(sql`insert into code_attempts (user_id, budget, session_id, known_device, failures, last_failed_at)
        values (${theo.id}, 'codes', ${crypto.randomUUID()}, false, 100, now() - interval '2 hours')`);
      expect(await browser.stepsUp(beginEdit, { customerId: acme.id })).toMatchObject({
        status: "rate-limited",
        retryAfterSeconds: null,
      });
      expect((await opensWithRecoveryCode(browser, code)).status).toBe("done");
      expect((await browser.stepsUp(beginEdit, { customerId: acme.id })).status).toBe("done");
    });
  });
});
