import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { readOpenApprovals } from "@/lib/approvals/read";
import { beginEdit } from "@/lib/customers/begin-edit";
import { environment } from "@/lib/platform/env";
import { sendCode } from "@/lib/security/send-code";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { changePolicy } from "../change-policy";
import { policyDocument } from "../document";
import { readPolicy } from "../versions";
import { changeFactors } from "./change-factors";
import { type FactorCard, readFactorCards, type SwitchableFactor } from "./read-factors";
import { confirmTrial, sendTrial } from "./try-factor";

const reason = "For colleagues who forgot their phone";

describe.each(testDatabases.map(({ name }) => name))("switching factors on and off, on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let adas: Browser;
  let alans: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    ({ ada, adas, alans } = await world.administrators());
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const cards = async (): Promise<FactorCard[]> => {
    const facts = await adas.session();
    const shown = facts ? await readFactorCards(world.reader, facts.person) : null;
    return shown?.cards ?? [];
  };
  const cardOf = async (factor: SwitchableFactor) => (await cards()).find((one) => one.factor === factor);
  const tries = async () => {
    await world.rows(sql`update sent_codes set created_at = created_at - interval '70 minutes'`);
    await ada.waitsForTheNextCode();
    const trial = { factor: "email-code", number: null };
    const unlocked = await adas.calls(sendTrial, trial);
    dataOf(unlocked.status === "done" ? unlocked : await adas.stepsUp(sendTrial, trial));
    const code = await ada.newestCode();
    expect(dataOf(await adas.calls(confirmTrial, { factor: "email-code", code }))).toEqual({ came: true });
  };
  const switches = async (factor: SwitchableFactor, on: boolean) => {
    const { version } = await readPolicy(world.reader);
    return dataOf(await adas.stepsUpAgain(changeFactors, { factor, on, basedOn: version, reason }));
  };
  const emailCodes = {
    document: policyDocument.parse({ factors: { "email-code": true } }),
    basedOn: 0,
    reason,
  };
  const asks = (factor: SwitchableFactor, on: boolean) =>
    adas.calls(changeFactors, { factor, on, basedOn: 0, reason });
  const approves = async (approvalId: string) => {
    return alans.stepsUpAgain(approve, { approvalId });
  };
  const asked = async () => {
    const saved = await switches("email-code", true);
    if (saved.version !== null) throw new Error("It was to wait for an approval");
    return saved.approvalId;
  };

  it("goes all the way: tried, asked for, approved, used by a colleague, and switched off again", async () => {
    expect(await cardOf("email-code")).toMatchObject({ on: false, needs: "trial", have: 0 });
    await tries();
    expect(await cardOf("email-code")).toMatchObject({ on: false, needs: null });
    const approvalId = await asked();
    expect(await readPolicy(world.reader)).toMatchObject({ version: 0 });
    dataOf(await approves(approvalId));
    expect(await cardOf("email-code")).toMatchObject({ on: true, needs: null });

    const erin = await world.employee({ name: "Erin" });
    const authenticatorId = await erin.hasCodesBy("email-code");
    const { id: customerId } = await world.customer();
    const erins = await erin.signsIn();
    const challenge = challengeOf(await erins.calls(beginEdit, { customerId }));
    expect(challenge.factors.map(({ factor }) => factor)).toEqual(["email-code"]);
    dataOf(await erins.calls(sendCode, { token: challenge.token, authenticatorId }));
    const code = await erin.newestCode();
    dataOf(await erins.confirms(beginEdit, { customerId }, "email-code", { code }));

    expect(await cardOf("email-code")).toMatchObject({
      have: 1,
      used: 1,
      leaves: { people: 1, names: ["Erin"], stuck: 1 },
    });
    expect(await switches("email-code", false)).toEqual({ version: 2 });
    expect(await erins.calls(beginEdit, { customerId })).toMatchObject({ status: "enrolment-required" });
  });

  it("is not approved when what sends the codes was tried too long ago, until it is tried again", async () => {
    await tries();
    const approvalId = await asked();
    await world.rows(sql`update factor_trials set confirmed_at = now() - interval '25 hours'`);
    expect(await approves(approvalId)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("try it"),
    });
    expect(await readPolicy(world.reader)).toMatchObject({ version: 0 });
    await tries();
    dataOf(await approves(approvalId));
    expect(await cardOf("email-code")).toMatchObject({ on: true });
  });

  it("is refused before anybody types a code where no administrator could confirm any more", async () => {
    expect(await asks("totp", false)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("lock all of you out"),
    });
    expect(await cardOf("totp")).toMatchObject({ stays: expect.stringContaining("lock all of you out") });
    expect(await asks("sms-code", true)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("try it"),
    });
  });

  it("is refused before anybody types a code where nobody could approve it", async () => {
    await tries();
    await world.rows(sql`update people set disabled_at = now() where name = 'Alan'`);
    await ada.waitsForTheNextCode();
    expect(await asks("email-code", true)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("only administrator"),
    });
    expect(await adas.calls(changePolicy, emailCodes)).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("only administrator"),
    });
  });

  it("tells who has something left that pays for another one, and keeps two who can approve", async () => {
    await ada.hasAPasskey();
    await (await world.employee({ totp: true, name: "Berta" })).hasRecoveryCodes();
    await world.employee({ totp: true, name: "Carl" });
    await world
      .employee({ totp: true, name: "Disabled" })
      .then(({ id }) => world.rows(sql`update people set disabled_at = now() where id = ${id}`));
    expect(await cardOf("totp")).toMatchObject({
      leaves: { people: 3, names: ["Alan", "Berta", "Carl"], stuck: 2 },
      stays: expect.stringContaining("Fewer than two administrators"),
    });
  });

  it("tells whom it takes the last way to set up another one from, though they can go on working", async () => {
    const dora = await world.employee({ totp: true, name: "Dora" });
    await dora.hasAPasskey();
    expect(await cardOf("passkey")).toMatchObject({ leaves: { people: 1, names: ["Dora"], stuck: 1 } });
    expect(challengeOf(await asks("passkey", false)).prompt.changes).toContainEqual({
      label: "Left without a way",
      from: null,
      to: "1 person",
    });
    await (await world.employee({ totp: true, name: "Berta" })).hasRecoveryCodes();
    expect(await cardOf("recovery-code")).toMatchObject({ leaves: { people: 0 } });
    await world.policy({}, { factors: { totp: false } });
    expect(await cardOf("recovery-code")).toMatchObject({
      leaves: { people: 1, names: ["Berta"], stuck: 1 },
    });
  });

  it("tells of a factor that is on while nothing could send it", async () => {
    await world.policy({}, { factors: { "sms-code": true } });
    const before = environment();
    globalThis.keyturnEnvironment = { ...before, demo: false, twilio: undefined };
    expect(await cardOf("sms-code")).toMatchObject({ on: true, needs: "gateway" });
    globalThis.keyturnEnvironment = before;
  });

  it("shows what waits to both pages after a reload, to whoever administers", async () => {
    await tries();
    await asked();
    const [mine] = await readOpenApprovals(world.reader, (await adas.session())!.person, {
      target: "policy",
    });
    expect(mine?.mine).toBe(true);
    expect(mine?.words.changes[0]).toMatchObject({ label: "Email code", from: "off" });
    const theirs = await readOpenApprovals(world.reader, (await alans.session())!.person, {
      target: "policy",
    });
    expect(theirs).toMatchObject([{ mine: false, askedBy: { name: "Ada" }, because: null }]);
  });

  it("reads all people once for all cards, however many would be left", async () => {
    for (const name of ["Berta", "Carl", "Dora"]) await world.employee({ totp: true, name });
    const { person } = (await adas.session())!;
    world.queries = [];
    await readFactorCards(world.reader, person);
    expect(world.queries.filter((query) => query.includes('from "people"'))).toHaveLength(1);
    expect(world.queries.length).toBeLessThanOrEqual(6);
  });
});
