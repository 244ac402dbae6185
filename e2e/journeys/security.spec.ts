import { expect, test } from "../fixtures/test";
import { type User, virtualAuthenticator } from "../fixtures/user";
import { type MadePerson, must, secretWords, type World } from "../fixtures/world";

type At = (person: MadePerson) => Promise<User>;

/** Theo with an app, on his security page. */
async function onTheSecurityPage(world: World, at: At): Promise<User> {
  const theo = await at(await world.person({ name: "Theo Test", app: true }));
  await theo.signsIn("/settings/security");
  return theo;
}

test("a passkey is added, named, renamed, used and removed; the browser's manager hears of it", async ({
  world,
  at,
}) => {
  const theo = await onTheSecurityPage(world, at);
  await virtualAuthenticator(theo.page);
  await theo.page.evaluate(() => {
    const told: unknown[] = [];
    Object.assign(window, { told });
    for (const name of ["signalUnknownCredential", "signalCurrentUserDetails"])
      Object.assign(PublicKeyCredential, { [name]: async (what: unknown) => void told.push([name, what]) });
  });
  await theo.page.getByRole("button", { name: "Add a passkey" }).click();
  await theo.confirmsWithCode();
  await theo.page.getByRole("button", { name: "I saved them" }).click();
  const passkeys = theo.region("Passkeys");
  await expect(passkeys.getByText("only on this device")).toBeVisible();

  await passkeys.getByRole("button", { name: "Rename Passkey" }).click();
  await passkeys.getByLabel("New name").fill("Blue key");
  await passkeys.getByRole("button", { name: "Save name" }).click();
  await theo.confirmsWithPasskey();
  await expect(passkeys.getByText("Blue key")).toBeVisible();

  // The account has a passkey now: a code no longer removes anything.
  await theo.region("Authenticator apps").getByRole("button", { name: "Remove Phone" }).click();
  await expect(theo.prompt.getByText("to remove Phone (an authenticator app)")).toBeVisible();
  await expect(theo.prompt.getByRole("button", { name: "Use another method" })).toBeHidden();
  await theo.prompt.getByRole("button", { name: "Cancel" }).click();

  await theo.page.getByRole("button", { name: "Set up an authenticator app" }).click();
  await theo.confirmsWithPasskey();
  const seed = (await theo.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await theo.enrolment.getByLabel("Name").fill("Tablet");
  await theo.enrolment.getByLabel("Authentication code").fill(await theo.freshCode(seed));
  await theo.enrolment.getByRole("button", { name: "Activate" }).click();
  await expect(theo.region("Authenticator apps").getByText("Tablet")).toBeVisible();

  await passkeys.getByRole("button", { name: "Remove Blue key" }).click();
  await theo.confirmsWithPasskey();
  await expect(passkeys.getByText("You have no passkey")).toBeVisible();
  const told = await theo.page.evaluate(() => (window as unknown as { told: [string, unknown][] }).told);
  expect(told.map(([name]) => name)).toEqual(["signalCurrentUserDetails", "signalUnknownCredential"]);
  expect((await world.mailsTo(theo.person.email)).map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["factor-added", "factor-removed"]),
  );
});

test("the only second factor can't be removed, and the page says why", async ({ world, at }) => {
  const theo = await onTheSecurityPage(world, at);
  const apps = theo.region("Authenticator apps");
  await apps.getByRole("button", { name: "Remove Phone" }).click();
  await theo.confirmsWithCode();
  await expect(apps.getByRole("alert")).toContainText("only second factor");
});

test("a lost phone: a recovery code, a new app in its place, and the edit goes on", async ({ world, at }) => {
  const theo = await at(await world.person({ name: "Theo Test", app: true }));
  const [code = ""] = await world.recoveryCodes(theo.person.id);
  const acme = await world.customer(must(theo.person.teamId));
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  await theo.prompt.getByRole("button", { name: "I can't use any of these" }).click();
  await theo.prompt.getByRole("button", { name: "Use a recovery code" }).click();
  await theo.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  await theo.enrolment.getByRole("button", { name: "Phone" }).click();
  await theo.enrolment.getByLabel("Recovery code").fill(code);
  await theo.enrolment.getByRole("button", { name: "Continue" }).click();
  const seed = (await theo.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await theo.enrolment.getByLabel("Authentication code").fill(await theo.freshCode(seed));
  await theo.enrolment.getByRole("button", { name: "Activate" }).click();
  await theo.confirmsWithCode(seed);
  await expect(theo.form).toBeVisible();
  await theo.fills({ City: "Ulm" });
  await theo.saves();
  await theo.seesSaved();
  await theo.page.goto("/settings/security");
  const apps = theo.region("Authenticator apps");
  await expect(apps.getByText("On probation until")).toBeVisible();
  await expect(apps.getByText("Phone", { exact: true })).toBeHidden();
});

test("without a recovery code the administrators are asked, and the dialog says so", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.page.getByRole("button", { name: "View contract" }).click();
  await theo.prompt.getByRole("button", { name: "I can't use any of these" }).click();
  await expect(theo.prompt.getByText("You have no unused recovery code")).toBeVisible();
  await theo.prompt.getByRole("button", { name: "Ask an administrator" }).click();
  await expect(theo.prompt.getByText("The administrators have your request")).toBeVisible();
  expect(await world.helpRequests(theo.person.id)).toBe(1);
  await theo.prompt.getByRole("button", { name: "Cancel" }).click();
  await expect(theo.page.getByText(secretWords.clause)).toBeHidden();
});

test("new recovery codes are shown once, and the page counts them", async ({ world, at }) => {
  const theo = await onTheSecurityPage(world, at);
  const codes = theo.region("Recovery codes");
  await expect(codes.getByText("You have no unused code")).toBeVisible();
  await codes.getByRole("button", { name: "Generate recovery codes" }).click();
  await theo.confirmsWithCode();
  const shown = theo.page.getByRole("dialog", { name: "Your recovery codes" });
  await expect(shown.getByRole("listitem")).toHaveCount(10);
  const [download] = await Promise.all([
    theo.page.waitForEvent("download"),
    shown.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("keyturn-recovery-codes.txt");
  await shown.getByRole("button", { name: "I saved them" }).click();
  await expect(codes.getByText("10 unused codes")).toBeVisible();
});

test("the sessions elsewhere are listed and signed out", async ({ world, at }) => {
  const theo = await onTheSecurityPage(world, at);
  const elsewhere = await at(theo.person);
  await elsewhere.signsIn();
  await theo.page.reload();
  const sessions = theo.region("Sessions");
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await expect(sessions.getByText("this session")).toHaveCount(1);
  await sessions.getByRole("button", { name: "Sign out other sessions" }).click();
  await theo.confirmsWithCode();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await elsewhere.page.goto("/customers");
  await elsewhere.page.waitForURL("**/sign-in**");
});

test("a new password ends the other sessions; a weak one and a wrong one are told at the field", async ({
  world,
  at,
}) => {
  const theo = await onTheSecurityPage(world, at);
  const elsewhere = await at(theo.person);
  await elsewhere.signsIn();
  const panel = theo.region("Password");
  await panel.getByLabel("Current password").fill("not my password at all");
  await panel.getByLabel("New password").fill("short");
  await panel.getByRole("button", { name: "Change password" }).click();
  await expect(panel.getByText("Use at least 15 characters")).toBeVisible();
  await panel.getByLabel("New password").fill("seven quiet herons at dawn");
  await panel.getByRole("button", { name: "Change password" }).click();
  await theo.confirmsWithCode();
  await expect(panel.getByText("That is not your current password")).toBeVisible();
  await expect(panel.getByLabel("New password")).toHaveValue("seven quiet herons at dawn");
  await panel.getByLabel("Current password").fill(theo.password);
  await panel.getByRole("button", { name: "Change password" }).click();
  await theo.confirmsWithCode();
  await expect(theo.page.getByText("Password changed")).toBeVisible();
  await elsewhere.page.goto("/customers");
  await elsewhere.page.waitForURL("**/sign-in**");
  await theo.signsOut();
  theo.password = "seven quiet herons at dawn";
  await theo.signsIn();
});

test("a change of address waits for both mailboxes, and can be given up", async ({ world, at }) => {
  const theo = await onTheSecurityPage(world, at);
  const panel = theo.region("Email");
  const to = `theo-${crypto.randomUUID().slice(0, 8)}@new.example`;
  await panel.getByLabel("New email").fill(to);
  await panel.getByRole("button", { name: "Change email" }).click();
  await expect(theo.prompt.getByText(to)).toBeVisible();
  await theo.confirmsWithCode();
  await expect(panel.getByText(`A change to ${to} is waiting`)).toBeVisible();
  expect((await world.mailsTo(to)).map(({ kind }) => kind)).toEqual(["email-change-new"]);
  await panel.getByRole("button", { name: "Give it up" }).click();
  await expect(panel.getByText("is waiting")).toBeHidden();
});

test("a change of address that both mailboxes confirm takes effect", async ({ world, at }) => {
  const theo = await onTheSecurityPage(world, at);
  const panel = theo.region("Email");
  const to = `theo-${crypto.randomUUID().slice(0, 8)}@new.example`;
  await panel.getByLabel("New email").fill(to);
  await panel.getByRole("button", { name: "Change email" }).click();
  await theo.confirmsWithCode();
  await expect(panel.getByText(`A change to ${to} is waiting`)).toBeVisible();
  const reader = await at(theo.person);
  for (const [address, says] of [
    [theo.person.email, "to your new address is missing"],
    [to, `Your account uses ${to} now`],
  ] as const) {
    await reader.page.goto(await world.linkMailedTo(address, "/confirm-email"));
    await reader.page.getByRole("button", { name: "Confirm" }).click();
    await expect(reader.page.getByText(says)).toBeVisible();
    expect(reader.page.url()).not.toContain("#");
  }
  await theo.page.reload();
  await expect(theo.region("Email")).toContainText(`You sign in as ${to}`);
});

test("the whole page works by keyboard alone", async ({ world, at }) => {
  const theo = await onTheSecurityPage(world, at);
  const { page } = theo;
  const button = page.getByRole("button", { name: "Rename Phone" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("New name")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("Work phone");
  await page.keyboard.press("Enter");
  await expect(theo.prompt.getByLabel("Authentication code")).toBeFocused();
  await page.keyboard.type(await theo.freshCode());
  await expect(page.getByRole("button", { name: "Rename Work phone" })).toBeVisible();
  await expect(theo.prompt).toBeHidden();
});
