import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import type { Person } from "@/lib/people/person";
import { openSetUp } from "@/lib/people/set-up";
import type { ActionName } from "@/lib/protected-actions";
import type { ActionResult } from "@/lib/step-up/action-result";
import type { Command } from "@/lib/step-up/command";
import { type Browser, challengeOf, password, type Someone, World } from "@/lib/testing/pipeline";
import { askForHelp } from "./ask-for-help";
import { changePassword } from "./change-password";
import { cancelEmailChange, changeEmail } from "./email/change-email";
import { endSessions } from "./end-sessions";
import { activateAuthenticatorApp, openEnrolment, openFirstEnrolment } from "./enrol";
import { sendEnrolmentCode } from "./enrol-codes";
import { generateRecoveryCodes } from "./generate-recovery-codes";
import { confirmMailedCode } from "./mailed-code";
import { removeFactor } from "./remove-factor";
import { removeTrustedDevices } from "./remove-trusted-devices";
import { renameFactor } from "./rename-factor";
import { sendCode } from "./send-code";

/*
 * Every act on an account's security × what the session has. Both tables are exhaustive: a new action, or a new state,
 * does not compile before somebody has said what it gives.
 */

type SecurityAction = Extract<ActionName, `security.${string}`>;

/** What a session may come with. */
type State =
  | "nothing"
  | "a fresh password"
  | "an app"
  | "an app, proved for an edit"
  | "an app on probation, proved for an edit"
  | "an app and a passkey"
  | "an app and a passkey, the app proved for an edit"
  | "an app and recovery codes"
  | "codes that are sent alone, proved for an edit"
  | "codes that are sent and recovery codes";

/** Done at once; asked for one of these; told to enrol; refused; or unable for want of something else. */
type Answer = "done" | `asks ${string}` | "enrol" | "refused" | "invalid" | "not there";

/** Codes that are sent are no way to any of it (threats.md 20a): what they are not enough for asks to add another. */
const sentAlone = (state: State) => state.startsWith("codes that are sent");

const sameForAll = (answer: Answer) => (): Answer => answer;

/** The strongest that the account has, for exactly this: what was proved before doesn't count. */
const strongest =
  (whenNone: Answer) =>
  (state: State): Answer => {
    if (sentAlone(state)) return "enrol";
    if (state === "nothing" || state === "a fresh password") return whenNone;
    return state.startsWith("an app and a passkey") ? "asks passkey" : "asks totp";
  };

/** Anything of the account's, proved within 15 minutes. */
const recent =
  (atOnce: Answer) =>
  (state: State): Answer => {
    if (sentAlone(state)) return "enrol";
    if (state === "nothing") return "asks password";
    if (state === "a fresh password" || state.endsWith("proved for an edit")) return atOnce;
    return state === "an app and a passkey" ? "asks passkey or totp" : "asks totp";
  };

/** The same, but not what is on probation: what vouched for it may be a thief's (docs/decisions/013). */
const settled =
  (whenNone: Answer) =>
  (state: State): Answer =>
    state.startsWith("an app on probation") ? "refused" : strongest(whenNone)(state);

const expected: Record<SecurityAction, (state: State) => Answer> = {
  "security.enrol-first-factor": (state) =>
    state === "nothing" || state === "a fresh password" ? "asks password" : "refused",
  "security.enrol-factor": (state) => {
    if (state === "codes that are sent and recovery codes") return "asks recovery-code";
    return state === "an app and recovery codes" ? "asks recovery-code or totp" : strongest("enrol")(state);
  },
  "security.enrol-after-reset": sameForAll("invalid"),
  "security.activate-factor": sameForAll("invalid"),
  "security.confirm-mailed-code": sameForAll("done"),
  "security.send-enrolment-code": sameForAll("invalid"),
  "security.ask-for-help": sameForAll("done"),
  "security.rename-factor": (state) =>
    state === "nothing" || state === "a fresh password" ? "not there" : recent("done")(state),
  "security.remove-factor": (state) =>
    state === "nothing" || state === "a fresh password" ? "not there" : settled("enrol")(state),
  "security.generate-recovery-codes": settled("asks password"),
  "security.change-password": settled("asks password"),
  "security.change-email": settled("asks password"),
  "security.cancel-email-change": sameForAll("done"),
  "security.end-sessions": recent("done"),
  "security.remove-trusted-devices": sameForAll("done"),
};

type AnyCommand = Command<SecurityAction, never, never, unknown, Person>;
const nowhere = "00000000-0000-4000-8000-000000000000";

const acts: Record<SecurityAction, (own: string) => [command: unknown, input: unknown]> = {
  "security.enrol-first-factor": () => [openFirstEnrolment, {}],
  "security.enrol-factor": () => [openEnrolment, { factor: "totp" }],
  "security.enrol-after-reset": () => [openSetUp, { token: "x".repeat(43) }],
  "security.activate-factor": () => [
    activateAuthenticatorApp,
    { enrolmentId: nowhere, code: "123456", name: "Phone" },
  ],
  "security.confirm-mailed-code": () => [confirmMailedCode, { enrolmentId: nowhere, code: "123456" }],
  "security.send-enrolment-code": () => [
    sendEnrolmentCode,
    { enrolmentId: nowhere, factor: "sms-code", number: "+4917012345678" },
  ],
  "security.ask-for-help": () => [askForHelp, { action: "customer.edit" }],
  "security.rename-factor": (own) => [renameFactor, { authenticatorId: own, name: "Work phone" }],
  "security.remove-factor": (own) => [removeFactor, { authenticatorId: own }],
  "security.generate-recovery-codes": () => [generateRecoveryCodes, {}],
  "security.change-password": () => [
    changePassword,
    { current: password, next: "seven quiet herons at dawn" },
  ],
  "security.change-email": () => [changeEmail, { email: "new@keyturn.example" }],
  "security.cancel-email-change": () => [cancelEmailChange, {}],
  "security.end-sessions": () => [endSessions, { which: "others" }],
  "security.remove-trusted-devices": () => [removeTrustedDevices, { which: "all" }],
};

const states: Record<State, (world: World) => Promise<{ someone: Someone; browser: Browser }>> = {
  nothing: async (world) => signedIn(await world.employee()),
  "a fresh password": async (world) => {
    const { someone, browser } = await signedIn(await world.employee());
    await browser.confirms(endSessions, { which: "others" }, "password", { password });
    return { someone, browser };
  },
  "an app": async (world) => signedIn(await world.employee({ totp: true })),
  "an app, proved for an edit": async (world) => proved(world, await world.employee({ totp: true })),
  "an app on probation, proved for an edit": async (world) => {
    const someone = await world.employee();
    await someone.hasAnAuthenticatorApp({ onProbation: true });
    return proved(world, someone);
  },
  "an app and a passkey": async (world) => {
    const someone = await world.employee({ totp: true });
    await someone.hasAPasskey();
    return signedIn(someone);
  },
  "an app and a passkey, the app proved for an edit": async (world) => {
    const someone = await world.employee({ totp: true });
    await someone.hasAPasskey();
    return proved(world, someone);
  },
  "an app and recovery codes": async (world) => {
    const someone = await world.employee({ totp: true });
    await someone.hasRecoveryCodes();
    return signedIn(someone);
  },
  "codes that are sent alone, proved for an edit": async (world) => {
    const someone = await world.employee();
    someone.authenticatorId = await someone.hasCodesBy("email-code");
    const sms = await someone.hasCodesBy("sms-code");
    const { browser } = await signedIn(someone);
    const customer = await world.customer();
    const asked = await browser.calls(beginEdit, { customerId: customer.id });
    await browser.calls(sendCode, { token: challengeOf(asked).token, authenticatorId: sms });
    const proof = browser.answers(asked, "sms-code", { code: await someone.newestCode() });
    const outcome = await browser.calls(beginEdit, { customerId: customer.id }, { proof });
    expect(outcome.status).toBe("done");
    return { someone, browser };
  },
  "codes that are sent and recovery codes": async (world) => {
    const someone = await world.employee();
    await someone.hasCodesBy("email-code");
    someone.authenticatorId = await someone.hasCodesBy("sms-code");
    await someone.hasRecoveryCodes();
    return signedIn(someone);
  },
};

async function signedIn(someone: Someone) {
  return { someone, browser: await someone.signsIn() };
}

async function proved(world: World, someone: Someone) {
  const { browser } = await signedIn(someone);
  const customer = await world.customer();
  const outcome = await browser.stepsUp(beginEdit, { customerId: customer.id });
  expect(outcome.status).toBe("done");
  return { someone, browser };
}

function told(result: ActionResult<unknown>): Answer {
  switch (result.status) {
    case "done":
      return "done";
    case "step-up-required": {
      const factors = challengeOf(result).factors.map(({ factor }) => factor);
      return `asks ${factors.sort().join(" or ")}`;
    }
    case "enrolment-required":
      return "enrol";
    case "forbidden":
      return result.message.startsWith("This doesn't exist") ? "not there" : "refused";
    case "invalid":
      return "invalid";
    default:
      throw new Error(`Nobody expected ${JSON.stringify(result)}`);
  }
}

describe.each(testDatabases.map(({ name }) => name))("security actions on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
    await world.policy({}, { factors: { "email-code": true, "sms-code": true } });
  });
  afterAll(() => world.close());

  describe.each(Object.keys(states) as State[])("with %s", (state) => {
    let made: { someone: Someone; browser: Browser };
    beforeAll(async () => {
      made = await states[state](world);
    });

    it.each(Object.keys(expected) as SecurityAction[])("%s asks for what it has to", async (action) => {
      const [command, input] = acts[action](made.someone.authenticatorId || nowhere);
      const result = await made.browser.calls(command as AnyCommand, input);
      expect(told(result)).toBe(expected[action](state));
      if (result.status === "step-up-required")
        expect(challengeOf(result).binding).toBe(recentOnes.has(action) ? "session" : "input");
    });
  });

  it("a recovery code pays for one enrolment and answers nothing else", async () => {
    const { someone, browser } = await states["an app and recovery codes"](world);
    const [code = ""] = await someone.hasRecoveryCodes();
    const before = await world.spent();
    for (const action of Object.keys(expected) as SecurityAction[]) {
      const asks = expected[action]("an app and recovery codes");
      if (!asks.startsWith("asks") || action === "security.enrol-factor") continue;
      const [command, input] = acts[action](someone.authenticatorId);
      const asked = await browser.calls(command as AnyCommand, input);
      const proof = browser.answers(asked, "recovery-code", { code });
      const answer = await browser.calls(command as AnyCommand, input, { proof });
      expect(answer, action).toMatchObject({ status: "step-up-required", replaced: "changed" });
    }
    expect(await world.spent()).toEqual(before);
  });
});

const recentOnes = new Set<string>(["security.rename-factor", "security.end-sessions"]);
