import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "@/db/schema/people";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { viewContract } from "@/lib/contracts/view-contract";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { createCustomer } from "@/lib/customers/create-customer";
import { downloadReceipt } from "@/lib/customers/download-receipt";
import { downloadReceipt as downloadRowReceipt } from "@/lib/oversight/download-receipt";
import { exportAudit } from "@/lib/oversight/export-audit";
import { answerHelp } from "@/lib/people/answer-help";
import { askToReset } from "@/lib/people/ask-to-reset";
import { changeRole } from "@/lib/people/change-role";
import { disableUser } from "@/lib/people/disable-user";
import { inviteColleague } from "@/lib/people/invite";
import type { Person } from "@/lib/people/person";
import { openSetUp } from "@/lib/people/set-up";
import { changePolicy, previewPolicy } from "@/lib/policy/change-policy";
import { changeFactors } from "@/lib/policy/factors/change-factors";
import { confirmTrial, sendTrial } from "@/lib/policy/factors/try-factor";
import type { ActionName } from "@/lib/protected-actions";
import { askForHelp } from "@/lib/security/ask-for-help";
import { cancelPrompt } from "@/lib/security/cancel-prompt";
import { changePassword } from "@/lib/security/change-password";
import { cancelEmailChange, changeEmail } from "@/lib/security/email/change-email";
import { endSessions } from "@/lib/security/end-sessions";
import { activateAuthenticatorApp, openEnrolment, openFirstEnrolment } from "@/lib/security/enrol";
import { sendEnrolmentCode } from "@/lib/security/enrol-codes";
import { finishSignIn } from "@/lib/security/finish-sign-in";
import { generateRecoveryCodes } from "@/lib/security/generate-recovery-codes";
import { confirmMailedCode } from "@/lib/security/mailed-code";
import { removeFactor } from "@/lib/security/remove-factor";
import { removeTrustedDevices } from "@/lib/security/remove-trusted-devices";
import { renameFactor } from "@/lib/security/rename-factor";
import { sendCode } from "@/lib/security/send-code";
import { lockNow, signOut } from "@/lib/security/session-commands";
import type { ActionResult } from "@/lib/step-up/action-result";
import type { Command } from "@/lib/step-up/command";
import {
  type Browser,
  bankChange,
  challengeOf,
  fieldsOf,
  password,
  type Someone,
  World,
} from "@/lib/testing/pipeline";
import { comesTo } from "./work";

/*
 * Role × action × team: who is let in at all, whatever they would have to prove then. Both tables are exhaustive: a new
 * action does not compile before somebody has said whose it is and how it is called.
 */

/** Everybody who could try, by role and by whose customer it is. */
const everybody = {
  "employee of the team": "employee",
  "employee of another team": "employee",
  manager: "manager",
  auditor: "auditor",
  administrator: "administrator",
} as const satisfies Record<string, Role>;
type Who = keyof typeof everybody;

const whoWorksOnIt: readonly Who[] = ["employee of the team", "manager"];
const administrators: readonly Who[] = ["administrator"];
const all = Object.keys(everybody) as Who[];

const meant: Record<ActionName, readonly Who[]> = {
  "customer.edit": whoWorksOnIt,
  "customer.create": whoWorksOnIt,
  "customer.archive": whoWorksOnIt,
  "customer.change-bank-details": whoWorksOnIt,
  "customer.export": whoWorksOnIt,
  "customer.import": whoWorksOnIt,
  "customer.download-receipt": whoWorksOnIt,
  "contract.view": whoWorksOnIt,
  "contract.download": whoWorksOnIt,
  "contract.edit": whoWorksOnIt,
  "security.enrol-first-factor": all,
  "security.enrol-factor": all,
  "security.enrol-after-reset": all,
  "security.activate-factor": all,
  "security.confirm-mailed-code": all,
  "security.ask-for-help": all,
  "security.rename-factor": all,
  "security.remove-factor": all,
  "security.generate-recovery-codes": all,
  "security.change-password": all,
  "security.change-email": all,
  "security.cancel-email-change": all,
  "security.end-sessions": all,
  "security.remove-trusted-devices": all,
  "security.send-enrolment-code": all,
  "admin.preview-policy": administrators,
  "admin.try-factor": administrators,
  "admin.confirm-trial": administrators,
  "admin.change-policy": administrators,
  "admin.change-factors": administrators,
  "admin.invite": administrators,
  "admin.change-role": administrators,
  "admin.disable-user": administrators,
  "admin.reset-factors": administrators,
  "admin.approve": administrators,
  "admin.answer-help": administrators,
  "admin.export-audit": ["auditor", "administrator"],
  "admin.download-receipt": ["auditor", "administrator"],
  "session.finish-sign-in": all,
  "session.send-code": all,
  "session.lock": all,
  "session.sign-out": all,
  "session.cancel-prompt": all,
};

type Scene = {
  customer: { id: string; version: number };
  contractId: string;
  eventId: string;
  /** The row of a reset that was asked for. */
  askedId: string;
  team: string;
  colleague: Someone;
  requestId: string;
  approvalId: string;
  /** Of somebody's prompt. */
  token: string;
};

type Call = [command: unknown, input: unknown];
const nowhere = "00000000-0000-4000-8000-000000000000";
const noFilter = { q: "", person: "", action: "", record: "", outcome: "", factor: "", from: "", until: "" };
const reason = "They called from the office";

/** One call of each action; null: there is no command of this name yet, which a test below looks after. */
const acts: Record<ActionName, null | ((scene: Scene, own: Someone) => Call)> = {
  "customer.edit": ({ customer }) => [beginEdit, { customerId: customer.id }],
  "customer.create": ({ team }) => [createCustomer, { teamId: team, fields: fieldsOf() }],
  "customer.archive": null,
  "customer.change-bank-details": ({ customer }) => [changeBankDetails, bankChange(customer)],
  "customer.export": null,
  "customer.import": null,
  "customer.download-receipt": ({ customer, eventId }) => [
    downloadReceipt,
    { customerId: customer.id, eventId },
  ],
  "contract.view": ({ customer, contractId }) => [viewContract, { customerId: customer.id, contractId }],
  "contract.download": null,
  "contract.edit": null,
  "security.enrol-first-factor": () => [openFirstEnrolment, {}],
  "security.enrol-factor": () => [openEnrolment, { factor: "totp" }],
  "security.enrol-after-reset": () => [openSetUp, { token: "x".repeat(43) }],
  "security.activate-factor": () => [
    activateAuthenticatorApp,
    { enrolmentId: nowhere, code: "123456", name: "Phone" },
  ],
  "security.confirm-mailed-code": () => [confirmMailedCode, { enrolmentId: nowhere, code: "123456" }],
  "security.ask-for-help": () => [askForHelp, { action: "customer.edit" }],
  "security.rename-factor": (_scene, own) => [
    renameFactor,
    { authenticatorId: own.authenticatorId, name: "New" },
  ],
  "security.remove-factor": (_scene, own) => [removeFactor, { authenticatorId: own.authenticatorId }],
  "security.generate-recovery-codes": () => [generateRecoveryCodes, {}],
  "security.change-password": () => [
    changePassword,
    { current: password, next: "seven quiet herons at dawn" },
  ],
  "security.change-email": () => [changeEmail, { email: "new@keyturn.example" }],
  "security.cancel-email-change": () => [cancelEmailChange, {}],
  "security.remove-trusted-devices": () => [removeTrustedDevices, { which: "all" }],
  "security.send-enrolment-code": () => [
    sendEnrolmentCode,
    { enrolmentId: nowhere, factor: "email-code", number: null },
  ],
  "security.end-sessions": () => [endSessions, { which: "others" }],
  "admin.preview-policy": () => [previewPolicy, { document: {} }],
  "admin.try-factor": () => [sendTrial, { factor: "email-code", number: null }],
  "admin.confirm-trial": () => [confirmTrial, { factor: "email-code", code: "123456" }],
  "admin.change-policy": () => [changePolicy, { document: { signIn: "always" }, basedOn: 0, reason }],
  "admin.change-factors": () => [changeFactors, { factor: "recovery-code", on: false, basedOn: 0, reason }],
  "admin.invite": () => [
    inviteColleague,
    { name: "Bob", email: "bob@company.example", role: "auditor", team: "" },
  ],
  "admin.change-role": ({ colleague }) => [changeRole, { personId: colleague.id, role: "manager", team: "" }],
  "admin.disable-user": ({ colleague }) => [disableUser, { personId: colleague.id }],
  "admin.reset-factors": ({ colleague }) => [askToReset, { personId: colleague.id, reason }],
  "admin.approve": ({ approvalId }) => [approve, { approvalId }],
  "admin.answer-help": ({ requestId }) => [answerHelp, { requestId }],
  "admin.download-receipt": ({ askedId }) => [downloadRowReceipt, { eventId: askedId }],
  "admin.export-audit": () => [exportAudit, { filter: noFilter, format: "csv" }],
  "session.finish-sign-in": () => [finishSignIn, { trustDevice: false }],
  "session.send-code": ({ token }, own) => [sendCode, { token, authenticatorId: own.authenticatorId }],
  "session.lock": () => [lockNow, {}],
  "session.sign-out": () => [signOut, {}],
  "session.cancel-prompt": ({ token }) => [cancelPrompt, { token }],
};

const names = Object.keys(acts) as ActionName[];

describe.each(testDatabases.map(({ name }) => name))("who is let in to what on %s", (kind) => {
  let world: World;
  let scene: Scene;
  let people: Record<Who, Someone>;

  beforeAll(async () => {
    world = await World.open(kind);
    const elsewhere = await world.newTeam();
    people = {
      "employee of the team": await world.employee({ totp: true }),
      "employee of another team": await world.employee({ totp: true, team: elsewhere }),
      manager: await world.manager({ totp: true, team: elsewhere }),
      auditor: await world.manager({ totp: true, team: null }),
      administrator: await world.administrator({ totp: true }),
    };
    await world.rows(sql`update people set role = 'auditor' where id = ${people.auditor.id}`);
    scene = await makeScene(people["employee of the team"]);
  });
  afterAll(() => world.close());

  async function makeScene(worker: Someone): Promise<Scene> {
    const customer = await world.customer();
    const colleague = await world.employee({ totp: true });
    const asker = await (await world.administrator({ totp: true })).signsIn();
    const asked = await asker.stepsUp(askToReset, { personId: colleague.id, reason });
    if (asked.status !== "done") throw new Error("nothing was asked for");
    const [request] = await world.rows<{ id: string }>(
      sql`insert into help_requests (person_id, action) values (${colleague.id}, 'customer.edit') returning id`,
    );
    const changed = await (await worker.signsIn()).stepsUp(changeBankDetails, bankChange(customer));
    if (changed.status !== "done") throw new Error("nothing was changed");
    const [event] = await world.audit("customer.change-bank-details");
    const [askedRow] = await world.audit("admin.reset-factors");
    return {
      askedId: askedRow?.id ?? "",
      customer: await world.customerRow(customer.id),
      contractId: (await world.contract(customer.id)).id,
      eventId: event?.id ?? "",
      team: world.team,
      colleague,
      requestId: request?.id ?? "",
      approvalId: asked.data.approvalId,
      token: challengeOf(await asker.calls(answerHelp, { requestId: request?.id })).token,
    };
  }

  describe.each(names.filter((name) => acts[name]))("%s", (name) => {
    it.each(all)("by %s", async (who) => {
      const someone = people[who];
      const browser = await someone.signsIn();
      const result = await call(browser, name, someone);
      expect(isLetIn(result), JSON.stringify(result)).toBe(meant[name].includes(who));
      expect(world.failures).toEqual([]);
    });
  });

  function call(browser: Browser, name: ActionName, own: Someone): Promise<ActionResult<unknown>> {
    const [command, input] = acts[name]?.(scene, own) ?? [];
    return browser.calls(command as Command<ActionName, never, never, unknown, Person>, input);
  }
});

/** Whatever comes after the door: a prompt, a set-up, a field that is wrong, the thing itself. */
function isLetIn(result: ActionResult<unknown>): boolean {
  return !(result.status === "forbidden" && result.message.startsWith("This doesn't exist"));
}

describe("the table", () => {
  it("agrees with what each role's work is said to be (lib/access/work.ts)", () => {
    for (const name of names) {
      const roles = meant[name].map((who) => everybody[who]);
      for (const role of new Set(Object.values(everybody)))
        expect(comesTo(role, name), `${role}, ${name}`).toBe(roles.includes(role));
    }
  });

  it("has a call for every action that has a command", () => {
    const lib = fileURLToPath(new URL("..", import.meta.url));
    const files = readdirSync(lib, { recursive: true }).map(String);
    const sources = files
      .filter((path) => path.endsWith(".ts") && !path.includes("test"))
      .map((path) => readFileSync(join(lib, path), "utf8"))
      .filter((text) => text.includes("defineCommand({"));
    const built = names.filter((name) => sources.some((text) => text.includes(`name: "${name}",`)));
    expect(built.length).toBeGreaterThan(25);
    expect(names.filter((name) => acts[name] !== null)).toEqual(built);
  });
});
