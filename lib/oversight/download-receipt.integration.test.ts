import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { sealRows } from "@/lib/audit/log/seal-rows";
import { makeReceipt } from "@/lib/audit/receipt/make-receipt";
import { verifyReceipt } from "@/lib/audit/receipt/verify-receipt";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { askToReset } from "@/lib/people/ask-to-reset";
import { otherSigner, rp, signer } from "@/lib/testing/log";
import { answersWithPasskey, enrolsAPasskey } from "@/lib/testing/passkey";
import {
  type Browser,
  bankChange,
  challengeOf,
  dataOf,
  type Someone,
  testSecrets,
  World,
} from "@/lib/testing/pipeline";
import { downloadReceipt, readAdministrativeReceipt } from "./download-receipt";

const issuer = {
  ring: testSecrets.encryptionKeys,
  auditKey: testSecrets.auditKey,
  vkey: signer.vkey,
  rp,
};

describe.each(testDatabases.map(({ name }) => name))("the receipt of an approval on %s", (kind) => {
  let world: World;
  let alan: Someone;
  let adas: Browser;
  let alans: Browser;
  let approved: string;
  let changed: string;

  beforeAll(async () => {
    world = await World.open(kind);
    const theo = await world.employee({ totp: true, name: "Theo" });
    ({ adas, alan, alans } = await world.administrators());
    const device = await enrolsAPasskey(alans);
    const reset = { personId: theo.id, reason: "Lost the phone, called me back" };
    const { approvalId } = dataOf(await adas.stepsUp(askToReset, reset));
    const proof = answersWithPasskey(alans, device, await alans.calls(approve, { approvalId }));
    dataOf(await alans.calls(approve, { approvalId }, { proof }));
    approved = (await world.audit("admin.approve")).at(-1)!.id;
    const worker = await (await world.employee({ totp: true })).signsIn();
    dataOf(await worker.stepsUp(changeBankDetails, bankChange(await world.customer())));
    changed = (await world.audit("customer.change-bank-details")).at(-1)!.id;
    await sealRows(world.database, signer);
  });
  afterAll(() => world.close());

  it("fits in every check that an outsider makes, in the words that were confirmed", async () => {
    const { verdict, checks, told } = await verifyReceipt(
      await makeReceipt(world.reader, issuer, approved, null),
    );
    expect(checks.filter(({ result }) => result !== "passed")).toEqual([]);
    expect(verdict.kind).toBe("fits");
    expect(told?.content?.prompt).toMatchObject({
      purpose: "to reset the second factors of Theo",
      verb: "Approve",
    });
    expect(told?.opening?.by.name).toBe("Alan");
  });

  it("is not made under another key than the log's", async () => {
    const { vkey } = otherSigner;
    expect(await makeReceipt(world.reader, { ...issuer, vkey }, approved, null)).toBeNull();
  });

  const seenBy = async (browser: Browser, eventId: string) => {
    const person = (await browser.session())?.person;
    if (!person) throw new Error("no session");
    return readAdministrativeReceipt(world.reader, person, eventId);
  };

  it("is there for administrators and auditors alone, and for no row about a customer", async () => {
    expect(await seenBy(alans, approved)).toMatchObject({ eventId: approved });
    expect(await seenBy(alans, changed)).toBeNull();
    expect((await alans.calls(downloadReceipt, { eventId: changed })).status).toBe("forbidden");
    const maya = await (await world.manager({ totp: true })).signsIn();
    expect(await seenBy(maya, approved)).toBeNull();
    expect((await maya.calls(downloadReceipt, { eventId: approved })).status).toBe("forbidden");
  });

  it("asks an administrator who has a passkey for that passkey, in each session", async () => {
    const answer = await (await alan.signsIn()).calls(downloadReceipt, { eventId: approved });
    expect(answer).toMatchObject({ status: "step-up-required" });
    expect(challengeOf(answer).factors.map(({ factor }) => factor)).toEqual(["passkey"]);
  });
});
