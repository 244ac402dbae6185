import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { approve } from "@/lib/approvals/decide";
import { beginEdit } from "@/lib/customers/begin-edit";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { environment } from "@/lib/platform/env";
import { activateAuthenticatorApp, openEnrolment, openFirstEnrolment } from "@/lib/security/enrol";
import { finishSignIn } from "@/lib/security/finish-sign-in";
import { notMe } from "@/lib/security/not-me/not-me";
import { completeReset } from "@/lib/security/reset/complete-reset";
import { requestReset } from "@/lib/security/reset/request-reset";
import { signIn } from "@/lib/session/sign-in";
import {
  type Browser,
  bankChange,
  challengeOf,
  dataOf,
  password,
  type Someone,
  World,
} from "@/lib/testing/pipeline";
import { askToReset } from "./ask-to-reset";
import { lookAtSetUp, openSetUp } from "./set-up";

const reason = "Lost the phone, called me back";

describe.each(testDatabases.map(({ name }) => name))("a reset of factors on %s", (kind) => {
  let world: World;
  let theo: Someone;
  let adas: Browser;
  let alans: Browser;

  beforeEach(async () => {
    world = await World.open(kind);
    theo = await world.employee({ totp: true, name: "Theo" });
    adas = await (await world.administrator({ totp: true, name: "Ada" })).signsIn();
    alans = await (await world.administrator({ totp: true, name: "Alan" })).signsIn();
  });
  afterEach(async () => {
    expect(world.failures).toEqual([]);
    await world.close();
  });

  const resets = async (someone: Someone, email: string | null = null) => {
    for (const { person } of [adas, alans]) await person.waitsForTheNextCode();
    const asked = dataOf(await adas.stepsUp(askToReset, { personId: someone.id, email, reason }));
    return dataOf(await alans.stepsUp(approve, { approvalId: asked.approvalId }));
  };
  const tokenIn = (text: string, page: string) => {
    const [, token] = new RegExp(`${page}#([\\w-]{43})`).exec(text) ?? [];
    if (!token) throw new Error(`There is no link to ${page} in: ${text}`);
    return token;
  };
  const mailTo = async (email: string) => (await world.mailsTo(email))[0]?.body ?? "";
  const account = async ({ id }: Someone) =>
    (
      await world.rows<{ email: string; open: boolean; locked: boolean }>(
        sql`select email, disabled_at is null as open, password_locked_at is not null as locked from people where id = ${id}`,
      )
    )[0];
  const trySigningIn = (email: string, typed: string) =>
    signIn(world.database, true, {
      email,
      password: typed,
      deviceHash: crypto.randomUUID(),
      userAgent: "Tests",
      address: "192.0.2.1",
    });

  it("takes away every factor, session and device; the rows stay, the seeds go", async () => {
    await theo.hasAPasskey();
    await theo.hasRecoveryCodes();
    const theirs = await theo.signsIn({ device: "laptop" });
    await world.rows(sql`insert into trusted_devices (person_id, device_hash, expires_at)
      values (${theo.id}, 'laptop', now() + interval '30 days')`);
    await world.rows(sql`insert into help_requests (person_id, action) values (${theo.id}, 'customer.edit')`);
    await resets(theo);
    expect(await theirs.session()).toBeNull();
    const left = await world.rows(sql`select
      (select count(*)::int from authenticators where user_id = ${theo.id}) as rows,
      (select count(*)::int from authenticators where user_id = ${theo.id} and removed_at is null) as usable,
      (select count(*)::int from totp_seeds where authenticator_id = ${theo.authenticatorId}) as seeds,
      (select count(*)::int from recovery_codes where user_id = ${theo.id} and revoked_at is null) as codes,
      (select count(*)::int from trusted_devices where person_id = ${theo.id} and revoked_at is null) as devices,
      (select count(*)::int from help_requests where resolved_at is null) as waiting`);
    expect(left).toEqual([{ rows: 2, usable: 0, seeds: 0, codes: 0, devices: 0, waiting: 0 }]);
  });

  it("tells the person at once; the password alone binds nothing, the link alone neither (threats.md 18)", async () => {
    const { links } = await resets(theo);
    const body = await mailTo(theo.email);
    expect(body).toContain("Ada asked for it, and a second administrator approved");
    // Nothing can be mailed here: the second administrator hands the link over.
    expect(links).toEqual([
      { label: "For a new second factor of Theo", url: expect.stringContaining("/set-up#") },
    ]);
    const token = tokenIn(body, "/set-up");
    expect(await world.everythingStored()).not.toContain(token);
    const theirs = await theo.signsIn();
    expect((await theirs.calls(openFirstEnrolment, {})).status).toBe("forbidden");
    expect((await theirs.calls(openEnrolment, { factor: "totp" })).status).toBe("enrolment-required");
    expect((await theirs.calls(openSetUp, { token: "x".repeat(43) })).status).toBe("invalid");
    const erin = await (await world.employee()).signsIn();
    expect((await erin.calls(openSetUp, { token })).status).toBe("invalid");
    expect((await world.visits(lookAtSetUp, { token })).status).toBe("done");
  });

  it("the link and the password bind one, on probation, with new recovery codes; then the link is over", async () => {
    await resets(theo);
    const token = tokenIn(await mailTo(theo.email), "/set-up");
    const [theirs, other] = [await theo.signsIn(), await theo.signsIn()];
    // Given up once: it opens again.
    dataOf(await theirs.calls(openSetUp, { token }));
    const offered = dataOf(await theirs.calls(openSetUp, { token }));
    const second = dataOf(await other.calls(openSetUp, { token }));
    const activates = async (browser: Browser, { enrolmentId, app }: typeof offered) =>
      browser.calls(activateAuthenticatorApp, { enrolmentId, code: await theo.code(app.key), name: "New" });
    const bound = dataOf(await activates(theirs, offered));
    expect(bound).toMatchObject({ onProbation: true, recoveryCodes: expect.any(Array) });
    expect((await activates(other, second)).status).toBe("invalid");
    expect((await theirs.calls(openSetUp, { token })).status).toBe("invalid");
    expect((await world.visits(lookAtSetUp, { token })).status).toBe("invalid");
    const acme = await world.customer();
    expect((await theirs.calls(changeBankDetails, bankChange(acme))).status).toBe("forbidden");
  });

  it("lets a sign-in through that waits for a second factor, which there is none of: up to the set-up, and no further", async () => {
    await resets(theo);
    const token = tokenIn(await mailTo(theo.email), "/set-up");
    const waiting = await theo.signsIn({ awaits: ["new-device"] });
    const { enrolmentId, app } = dataOf(await waiting.calls(openSetUp, { token }));
    const code = await theo.code(app.key);
    dataOf(await waiting.calls(activateAuthenticatorApp, { enrolmentId, code, name: "New" }));
    const acme = await world.customer();
    expect(await waiting.calls(beginEdit, { customerId: acme.id })).toMatchObject({
      status: "signed-out",
      because: "held",
    });
    theo.seed = app.key;
    await theo.waitsForTheNextCode();
    dataOf(await waiting.stepsUp(finishSignIn, { trustDevice: false }));
    expect(await waiting.calls(beginEdit, { customerId: acme.id })).toMatchObject({ status: "done" });
  });

  it("shows no link where mail goes out", async () => {
    const without = environment();
    globalThis.keyturnEnvironment = { ...without, smtpUrl: "smtp://mail.company.example" };
    const { links } = await resets(theo);
    globalThis.keyturnEnvironment = without;
    expect(links).toEqual([]);
  });

  it("“This wasn't me” in its notice takes the set-up link back", async () => {
    await resets(theo);
    const body = await mailTo(theo.email);
    await world.visits(notMe, { token: tokenIn(body, "/not-me") });
    expect((await world.visits(lookAtSetUp, { token: tokenIn(body, "/set-up") })).status).toBe("invalid");
  });

  it("mails a new password's link besides where the password is locked, and chooses none", async () => {
    await world.rows(sql`update people set password_locked_at = now() where id = ${theo.id}`);
    const { links } = await resets(theo);
    expect(links).toHaveLength(2);
    expect((await trySigningIn(theo.email, password)).outcome).toBe("refused");
    const next = "seven quiet herons at dawn";
    const body = await mailTo(theo.email);
    const token = tokenIn(body, "/reset");
    expect((await world.visits(completeReset, { token, password: next })).status).toBe("done");
    expect((await trySigningIn(theo.email, next)).outcome).toBe("signed-in");
    // The reset asked for a new password itself.
    dataOf(await (await theo.signsIn()).calls(openSetUp, { token: tokenIn(body, "/set-up") }));
  });

  it("the mailbox alone binds nothing: a password that was chosen by mail ends the link", async () => {
    await resets(theo);
    const token = tokenIn(await mailTo(theo.email), "/set-up");
    await world.visits(requestReset, { email: theo.email });
    const next = "seven quiet herons at dawn";
    const reset = tokenIn(await mailTo(theo.email), "/reset");
    expect((await world.visits(completeReset, { token: reset, password: next })).status).toBe("done");
    expect(await mailTo(theo.email)).toContain("set up a new one is over");
    const refused = { status: "invalid", message: expect.stringContaining("reset your factors again") };
    expect(await world.visits(lookAtSetUp, { token })).toMatchObject(refused);
    expect(await (await theo.signsIn()).calls(openSetUp, { token })).toMatchObject(refused);
    // Another reset sends one for the password that the account has now.
    await resets(theo);
    const fresh = tokenIn(await mailTo(theo.email), "/set-up");
    dataOf(await (await theo.signsIn()).calls(openSetUp, { token: fresh }));
  });

  it("is confirmed anew where the password was locked since: a link for a new one goes out as well", async () => {
    const { approvalId } = dataOf(await adas.stepsUp(askToReset, { personId: theo.id, email: null, reason }));
    const asked = await alans.calls(approve, { approvalId });
    expect(challengeOf(asked).prompt.changes.map(({ label }) => label)).not.toContain("Password");
    const proof = await alans.answersWithCode(asked);
    await world.rows(sql`update people set password_locked_at = now() where id = ${theo.id}`);
    const again = await alans.calls(approve, { approvalId }, { proof });
    expect(again).toMatchObject({ status: "step-up-required", replaced: expect.any(String) });
    expect(challengeOf(again).prompt.changes).toContainEqual({
      label: "Password",
      from: "locked by “This wasn't me”",
      to: "chosen anew, by a link",
    });
    expect(await world.mailsTo(theo.email)).toEqual([]);
  });

  it("opens an account that “This wasn't me” closed, at the address where its owner was found", async () => {
    await world.rows(
      sql`update people set password_locked_at = now(), disabled_at = now(), closed_by = 'owner' where id = ${theo.id}`,
    );
    const erin = await world.employee();
    for (const wrong of [null, theo.email, erin.email])
      expect(await adas.calls(askToReset, { personId: theo.id, email: wrong, reason })).toMatchObject({
        status: "invalid",
        fields: { email: expect.any(String) },
      });
    const email = "theo.real@keyturn.example";
    const { approvalId } = dataOf(await adas.stepsUp(askToReset, { personId: theo.id, email, reason }));
    // Somebody else gets it while the request waits: nobody proves what can't be done.
    const setErins = (to: string) => world.rows(sql`update people set email = ${to} where id = ${erin.id}`);
    await setErins(email);
    expect((await alans.calls(approve, { approvalId })).status).toBe("forbidden");
    await setErins(erin.email);
    dataOf(await alans.stepsUp(approve, { approvalId }));
    expect(await account(theo)).toEqual({ email, open: true, locked: true });
    // The address may be the thief's: nothing of this goes there.
    expect(await world.mailsTo(theo.email)).toEqual([]);
    expect(tokenIn(await mailTo(email), "/reset")).toBeTruthy();
  });

  it("changes nobody's address otherwise, and opens no account that an administrator disabled", async () => {
    const input = { personId: theo.id, email: "ada.too@keyturn.example", reason };
    expect((await adas.calls(askToReset, input)).status).toBe("invalid");
    await world.rows(sql`update people set disabled_at = now() where id = ${theo.id}`);
    expect((await adas.calls(askToReset, { ...input, email: null })).status).toBe("invalid");
  });
});
