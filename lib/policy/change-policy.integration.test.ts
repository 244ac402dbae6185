import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve, decline } from "@/lib/approvals/decide";
import { beginEdit } from "@/lib/customers/begin-edit";
import { Conflict } from "@/lib/step-up/refusal";
import { type Browser, challengeOf, dataOf, type Someone, World } from "@/lib/testing/pipeline";
import { changePolicy, previewPolicy } from "./change-policy";
import { policyDocument } from "./document";
import { changeFactors } from "./factors/change-factors";
import { readFactorCards } from "./factors/read-factors";
import { fingerprintOf } from "./fingerprint";
import { putInForce } from "./put-in-force";
import { restoreAtHost } from "./restore-at-host";
import { readPolicy, readVersions } from "./versions";

const reason = "Agreed with the data protection officer";

describe.each(testDatabases.map(({ name }) => name))("the administrators' policy on %s", (kind) => {
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

  const strict = { actions: { "customer.edit": { maxAgeSeconds: 60 } } };
  const draft = (document: object, basedOn = 0) => ({
    document: policyDocument.parse(document),
    basedOn,
    reason,
  });
  const changes = (by: Browser, document: object, basedOn = 0) =>
    by.stepsUpAgain(changePolicy, draft(document, basedOn));
  const inForce = () => readPolicy(world.reader);

  it("is in force at the next check of a session that was unlocked before", async () => {
    const { id: customerId } = await world.customer();
    const theos = await theo.signsIn();
    dataOf(await theos.stepsUp(beginEdit, { customerId }));
    expect(await theos.calls(beginEdit, { customerId })).toMatchObject({ status: "done" });
    expect(dataOf(await changes(adas, { actions: { "customer.edit": { factors: ["passkey"] } } }))).toEqual({
      version: 1,
    });
    expect(await theos.calls(beginEdit, { customerId })).toMatchObject({ status: "enrolment-required" });
  });

  it("closes an action to a role, whatever they prove, in words", async () => {
    const { id: customerId } = await world.customer();
    const theos = await theo.signsIn();
    dataOf(await theos.stepsUp(beginEdit, { customerId }));
    dataOf(await changes(adas, { actions: { "customer.edit": { roles: ["manager"] } } }));
    expect(await theos.calls(beginEdit, { customerId })).toMatchObject({
      status: "forbidden",
      message: expect.stringContaining("your role"),
    });
  });

  it("is confirmed in words, old and new, with the reason, and kept with who, when and why", async () => {
    const asked = await adas.calls(changePolicy, draft(strict));
    expect(challengeOf(asked).prompt).toEqual({
      purpose: "to change the policy",
      verb: "Change the policy",
      changes: [
        {
          label: "Edit a customer",
          from: expect.stringContaining("15 minutes"),
          to: expect.stringContaining("1 minute"),
        },
        { label: "Reason", from: null, to: reason },
      ],
    });
    dataOf(await changes(adas, strict));
    const [version] = await readVersions(world.reader, 10);
    expect(version).toMatchObject({ version: 1, by: "Ada", approvedBy: null, reason, restores: null });
    expect(version?.changes?.map(({ label }) => label)).toEqual(["Edit a customer"]);
    const [row] = await world.audit("admin.change-policy");
    expect(row).toMatchObject({
      actorId: ada.id,
      outcome: "allowed",
      detail: { step: "in-force", version: 1 },
    });
    expect((await world.mailsTo(alan.email)).map((mail) => mail.kind)).toEqual(["policy-changed"]);
  });

  it("loosening waits for a second administrator, who is shown what gets easier", async () => {
    dataOf(await changes(adas, strict));
    const { approvalId } = dataOf(await changes(adas, {}, 1)) as { approvalId: string };
    expect(await inForce()).toMatchObject({ version: 1, document: strict });
    const prompt = challengeOf(await alans.calls(approve, { approvalId })).prompt;
    expect(prompt.purpose).toBe("to loosen the policy");
    expect(prompt.changes[0]).toMatchObject({ label: "Edit a customer" });
    dataOf(await alans.stepsUpAgain(approve, { approvalId }));
    expect(await inForce()).toEqual({ version: 2, document: policyDocument.parse({}) });
    expect((await readVersions(world.reader, 1))[0]).toMatchObject({ by: "Ada", approvedBy: "Alan" });
  });

  it("what was asked for is over once another version came in between", async () => {
    dataOf(await changes(adas, strict));
    const { approvalId } = dataOf(await changes(adas, {}, 1)) as { approvalId: string };
    dataOf(await changes(alans, { ...strict, signIn: "always" }, 1));
    // At once, and not only when its days are over: its asker is told why, and it counts as none of theirs.
    expect(await world.rows(sql`select outcome from approvals`)).toEqual([{ outcome: "outdated" }]);
    expect(await world.audit("admin.end-request")).toMatchObject([
      { actorId: alan.id, recordId: approvalId, detail: { because: "impossible" } },
    ]);
    expect((await world.mailsTo(ada.email)).map(({ kind }) => kind)).toContain("approval-ended");
    await alan.waitsForTheNextCode();
    expect(await alans.calls(approve, { approvalId })).toMatchObject({ status: "forbidden" });
    expect(await inForce()).toMatchObject({ version: 2, document: { signIn: "always" } });
  });

  it("what nobody can decide any more keeps nobody from asking anew", async () => {
    dataOf(await changes(adas, strict));
    dataOf(await changes(adas, {}, 1));
    dataOf(await changes(alans, { ...strict, signIn: "always" }, 1));
    const { approvalId } = dataOf(await changes(adas, strict, 2)) as { approvalId: string };
    dataOf(await alans.stepsUpAgain(approve, { approvalId }));
    expect(await inForce()).toMatchObject({ version: 3, document: { signIn: "never" } });
  });

  it("nobody approves their own, and a single administrator loosens nothing", async () => {
    dataOf(await changes(adas, strict));
    const { approvalId } = dataOf(await changes(adas, {}, 1)) as { approvalId: string };
    expect(await adas.calls(approve, { approvalId })).toMatchObject({ status: "forbidden" });
    await world.rows(sql`update approvals set outcome = 'withdrawn' where id = ${approvalId}`);
    await world.rows(sql`update people set disabled_at = now() where id = ${alan.id}`);
    expect(await adas.calls(changePolicy, draft({}, 1))).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("only administrator"),
    });
    expect((await inForce()).version).toBe(1);
  });

  it("of two at once one is in force, and the other is told that somebody was quicker", async () => {
    await ada.waitsForTheNextCode();
    await alan.waitsForTheNextCode();
    const proofs = {
      ada: await adas.answersWithCode(await adas.calls(changePolicy, draft(strict))),
      alan: await alans.answersWithCode(await alans.calls(changePolicy, draft({ signIn: "always" }))),
    };
    const results = await Promise.all([
      adas.calls(changePolicy, draft(strict), { proof: proofs.ada }),
      alans.calls(changePolicy, draft({ signIn: "always" }), { proof: proofs.alan }),
    ]);
    const statuses = results.map(({ status }) => status).sort();
    // The loser either lost the write, or was asked again since the version that it is about is another.
    expect(["conflict", "step-up-required"]).toContain(statuses[0] === "done" ? statuses[1] : statuses[0]);
    expect(statuses).toContain("done");
    expect((await inForce()).version).toBe(1);
    expect(await world.count(sql`policy_versions`)).toBe(1);
  });

  it("a draft of an older version is a conflict, and changes nothing", async () => {
    dataOf(await changes(adas, strict));
    expect(await changes(alans, { signIn: "always" }, 0)).toMatchObject({ status: "conflict" });
    expect(await inForce()).toMatchObject({ version: 1 });
  });

  it("restores an earlier version under the same floors: as a new one, and approved where it loosens", async () => {
    dataOf(await changes(adas, strict));
    const outcome = dataOf(await adas.stepsUpAgain(changePolicy, { ...draft({}, 1), restores: 0 }));
    expect(outcome).toMatchObject({ version: null });
    const { approvalId } = outcome as { approvalId: string };
    dataOf(await alans.stepsUpAgain(approve, { approvalId }));
    expect(dataOf(await adas.stepsUpAgain(changePolicy, { ...draft(strict, 2), restores: 1 }))).toEqual({
      version: 3,
    });
    expect((await readVersions(world.reader, 1))[0]).toMatchObject({ version: 3, restores: 1 });
    expect((await inForce()).document).toEqual(policyDocument.parse(strict));
  });

  it("restores nothing under the name of a version that says something else", async () => {
    expect(await adas.calls(changePolicy, { ...draft(strict), restores: 0 })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("isn't what version 0 says"),
    });
  });

  it("approves what the log says was asked for, and no other document that was put in its place", async () => {
    dataOf(await changes(adas, { ...strict, signIn: "always" }));
    const { approvalId } = dataOf(await changes(adas, strict, 1)) as { approvalId: string };
    const other = JSON.stringify(policyDocument.parse({}));
    await world.rows(
      sql`update approvals set input = jsonb_set(input, '{document}', ${other}::jsonb) where id = ${approvalId}`,
    );
    expect(await alans.stepsUpAgain(approve, { approvalId })).toMatchObject({
      status: "invalid",
      message: expect.stringContaining("isn't what was asked for"),
    });
    expect((await inForce()).version).toBe(1);
  });

  it("approves no request that got another reason or number, or was revived after its end", async () => {
    dataOf(await changes(adas, strict));
    const asked = async (basedOn: number) =>
      (dataOf(await changes(adas, {}, basedOn)) as { approvalId: string }).approvalId;
    const refuses = async (approvalId: string) => {
      const result = await alans.stepsUpAgain(approve, { approvalId });
      expect(result).toMatchObject({ message: expect.stringContaining("isn't what was asked for") });
    };
    const approvalId = await asked(1);
    await world.rows(sql`update approvals set reason = 'The works council wants it so'`);
    await refuses(approvalId);
    const another = randomUUID();
    await world.rows(sql`update approvals set reason = ${reason}, id = ${another}`);
    await refuses(another);
    await world.rows(sql`update approvals set id = ${approvalId}`);
    dataOf(await alans.stepsUpAgain(decline, { approvalId, reason }));
    await world.rows(sql`update approvals set outcome = null`);
    await refuses(approvalId);
    await world.rows(sql`update approvals set outcome = 'declined'`);
    const outdated = await asked(1);
    dataOf(await changes(adas, { ...strict, signIn: "always" }, 1));
    await world.rows(sql`update approvals set outcome = null, input = jsonb_set(input, '{basedOn}', '2')
      where id = ${outdated}`);
    await refuses(outdated);
    expect((await inForce()).version).toBe(2);
  });

  it("tells the fingerprint of the whole document to who approves, and to the log", async () => {
    dataOf(await changes(adas, strict));
    const { approvalId } = dataOf(await changes(adas, {}, 1)) as { approvalId: string };
    const sha256 = fingerprintOf(policyDocument.parse({}));
    const { changes: shown } = challengeOf(await alans.calls(approve, { approvalId })).prompt;
    expect(shown).toContainEqual({ label: expect.stringContaining("SHA-256"), from: null, to: sha256 });
    dataOf(await alans.stepsUpAgain(approve, { approvalId }));
    expect((await world.audit("admin.approve")).map(({ detail }) => detail)).toMatchObject([{ sha256 }]);
    expect((await world.audit("admin.change-policy")).map(({ detail }) => detail)).toMatchObject([
      { sha256: fingerprintOf(policyDocument.parse(strict)) },
      { step: "asked", sha256 },
    ]);
  });

  it("ends what is unlocked once anything is stricter, and being taken back unlocks nothing", async () => {
    const { id: customerId } = await world.customer();
    const theos = await theo.signsIn();
    dataOf(await theos.stepsUp(beginEdit, { customerId }));
    dataOf(await changes(adas, { actions: { "customer.edit": { factors: ["passkey"] } } }));
    const { approvalId } = dataOf(await changes(adas, {}, 1)) as { approvalId: string };
    dataOf(await alans.stepsUpAgain(approve, { approvalId }));
    expect(await theos.calls(beginEdit, { customerId })).toMatchObject({ status: "step-up-required" });
  });

  it("ends it as well where the same step makes something easier, and where nobody can tell", async () => {
    const { id: customerId } = await world.customer();
    const theos = await theo.signsIn();
    const edits = () => theos.calls(beginEdit, { customerId });
    dataOf(await changes(adas, strict));
    dataOf(await theos.stepsUp(beginEdit, { customerId }));
    const both = { actions: { "customer.edit": { maxAgeSeconds: 900, probation: "refused" } } };
    const { approvalId } = dataOf(await changes(adas, both, 1)) as { approvalId: string };
    dataOf(await alans.stepsUpAgain(approve, { approvalId }));
    expect(await edits()).toMatchObject({ status: "step-up-required" });
    await theo.waitsForTheNextCode();
    dataOf(await theos.stepsUp(beginEdit, { customerId }));
    await world.policy({ "customer.teleport": {} });
    await world.database.transaction((tx) => restoreAtHost(tx, { version: 0, reason }));
    expect(await edits()).toMatchObject({ status: "step-up-required" });
  });

  it("lists a version that can't be read, restores it never, and is restored at the host", async () => {
    dataOf(await changes(adas, strict));
    await world.policy({ "customer.teleport": {} });
    expect(await readVersions(world.reader, 10)).toMatchObject([
      { version: 2, document: null, changes: null },
      { version: 1, document: strict },
    ]);
    const restore = (version: number) =>
      world.database.transaction((tx) => restoreAtHost(tx, { version, reason }));
    await expect(restore(2)).rejects.toThrow("can't be read");
    await expect(restore(7)).rejects.toThrow("no version 7");
    expect(await restore(1)).toBe(3);
    expect(await restore(0)).toBe(4);
    expect(await inForce()).toEqual({ version: 4, document: policyDocument.parse({}) });
    const [row] = await world.audit("admin.restore-policy");
    expect(row).toMatchObject({ actorId: null, detail: { version: 3, restores: 1, reason } });
    expect((await world.mailsTo(alan.email))[0]?.body).toContain("Whoever runs Keyturn's host");
  });

  it("of ten at a barrier one is in force, and nine are told", async () => {
    const drafts = Array.from({ length: 10 }, (_, index) =>
      draft({ actions: { "customer.edit": { maxAgeSeconds: 60 + index } } }),
    );
    const person = {
      id: ada.id,
      name: "Ada",
      email: ada.email,
      role: "administrator",
      teamId: null,
    } as const;
    const results = await Promise.allSettled(
      drafts.map((one) => world.database.transaction((tx) => putInForce(tx, person, one))),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = results.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused.every((reason) => reason instanceof Conflict)).toBe(true);
    expect(await world.count(sql`policy_versions`)).toBe(1);
    expect((await world.mailsTo(alan.email)).length).toBe(1);
  });

  it.each<[string, object]>([
    ["an action that nobody could confirm", { factors: { totp: false, passkey: false } }],
    ["a rule below the floor", { actions: { "contract.view": { factors: ["password"] } } }],
    ["the administrators' own lock-out", { factors: { totp: false } }],
  ])("refuses %s before anybody proves anything, and says why", async (_, document) => {
    const refused = {
      status: "invalid",
      message: expect.stringMatching(/Nobody could|never accepts|lock all of you out/),
    };
    expect(await adas.calls(changePolicy, draft(document))).toMatchObject(refused);
    expect(await adas.calls(previewPolicy, { document: policyDocument.parse(document) })).toMatchObject(
      refused,
    );
    expect((await inForce()).version).toBe(0);
  });

  it("is nobody's to see or change who is no administrator", async () => {
    const auditor = await world.auditor({ totp: true });
    for (const person of [theo, auditor]) {
      const browser = await person.signsIn();
      expect(await browser.calls(changePolicy, draft(strict))).toMatchObject({ status: "forbidden" });
      expect(await browser.calls(previewPolicy, { document: policyDocument.parse({}) })).toMatchObject({
        status: "forbidden",
      });
      const facts = await browser.session();
      expect(facts && (await readFactorCards(world.reader, facts.person))).toBeNull();
    }
  });

  it("is looked at without a prompt, a change or a row: whom it would hit, in numbers alone", async () => {
    const { id: customerId } = await world.customer();
    const theos = await theo.signsIn();
    dataOf(await theos.stepsUp(beginEdit, { customerId }));
    const wanted = {
      document: policyDocument.parse({ actions: { "customer.edit": { factors: ["passkey"] } } }),
    };
    const preview = dataOf(await adas.calls(previewPolicy, wanted));
    expect(preview).toMatchObject({ loosens: false });
    expect(preview.dryRun.rows.find(({ action }) => action === "customer.edit")).toEqual({
      action: "customer.edit",
      people: 1,
      unable: { before: 0, after: 1 },
      stopped: { before: 0, after: 1 },
      promptsADay: { before: 1, after: 0 },
    });
    expect(JSON.stringify(preview)).not.toContain("Theo");
    expect(await world.audit("admin.preview-policy")).toEqual([]);
    expect((await inForce()).version).toBe(0);
  });

  describe("one factor's switch", () => {
    it("tells who has and uses each, and whom it would leave without a way", async () => {
      await theo.hasRecoveryCodes();
      const cards = await cardsOf(adas);
      expect(cards.find(({ factor }) => factor === "totp")).toMatchObject({
        on: true,
        have: 3,
        leaves: { people: 3, names: ["Ada", "Alan", "Theo"], stuck: 2 },
        stays: expect.stringContaining("lock all of you out"),
      });
      expect(cards.find(({ factor }) => factor === "passkey")).toMatchObject({
        have: 0,
        leaves: { people: 0, names: [] },
      });
      expect(cards.find(({ factor }) => factor === "recovery-code")).toMatchObject({ have: 1 });
    });

    it("off is at once, on waits for a second administrator", async () => {
      const off = { factor: "recovery-code", on: false, basedOn: 0, reason };
      expect(dataOf(await adas.stepsUpAgain(changeFactors, off))).toEqual({ version: 1 });
      const on = { factor: "recovery-code", on: true, basedOn: 1, reason };
      expect(dataOf(await adas.stepsUpAgain(changeFactors, on))).toMatchObject({ version: null });
      expect((await cardsOf(adas)).find(({ factor }) => factor === "recovery-code")?.on).toBe(false);
    });

    const cardsOf = async (browser: Browser) => {
      const person = (await browser.session())?.person;
      const shown = person ? await readFactorCards(world.reader, person) : null;
      if (!shown) throw new Error("no cards");
      return shown.cards;
    };
  });
});
