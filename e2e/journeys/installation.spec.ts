import { type Browser, type BrowserContext, expect, type Page, test } from "@playwright/test";
import { Installation } from "../fixtures/installation";
import { User, virtualAuthenticator } from "../fixtures/user";
import { must } from "../fixtures/world";

/*
 * A real installation, by hand: an empty database, the operator's command, an administrator, a colleague, the first
 * customer. On a server of its own, because admin:create is for the first administrator alone.
 */
test.describe.configure({ mode: "serial" });

const passwords = {
  ada: "seven quiet turtles at noon",
  bob: "a lamp between two harbours",
  carol: "paper boats on a slow river",
  again: "nobody paints the north gate",
};
let installation: Installation;

test.beforeAll(async () => {
  installation = await Installation.open();
});
test.afterAll(() => installation?.stop());

/** Somebody who isn't known yet, at a browser of their own. */
async function newcomer(
  browser: Browser,
  name: string,
  email: string,
): Promise<User & { context: BrowserContext }> {
  const context = await browser.newContext({ baseURL: installation.url });
  const person = { id: "", email, name, role: "employee" as const, teamId: null, seed: null };
  return Object.assign(new User(installation.world, person, await context.newPage()), { context });
}

/** Opens a link of an invitation; the token is gone from the address bar at once. */
async function opens(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(page.getByLabel("Password")).toBeVisible();
  await expect(page).toHaveURL(`${installation.url}/invitation`);
}

async function setsUpAnApp(user: User): Promise<string> {
  await user.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  const seed = (await user.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await user.enrolment.getByLabel("Authentication code").fill(await user.world.code(seed));
  await user.enrolment.getByRole("button", { name: "Activate" }).click();
  await user.enrolment.getByRole("button", { name: "I saved them" }).click();
  return seed;
}

async function invites(user: User, fields: Record<string, string>): Promise<void> {
  const form = user.region("Invite a colleague");
  for (const [label, value] of Object.entries(fields))
    await form.getByLabel(label, { exact: true }).fill(value);
  await form.getByRole("button", { name: "Send invitation" }).click();
}

/** The code that the app shows after the one that was used last: as if the person had waited for it. */
async function confirmsWithNextCode(user: User, email: string, seed: string): Promise<void> {
  await installation.world.forgetsCodes(email);
  await expect(user.prompt).toBeVisible();
  await user.prompt.getByLabel("Authentication code").fill(await installation.world.code(seed));
}

const linkIn = (email: string) => installation.world.linkMailedTo(email, "/invitation");

test("from an empty database to the first customer", async ({ browser }) => {
  test.setTimeout(300_000);
  const ada = await newcomer(browser, "Ada First", "ada@company.example");
  await opens(ada.page, await installation.runs("admin-create", "ada@company.example"));
  await expect(ada.page.getByText("Administrator")).toBeVisible();
  await ada.page.getByLabel("Name").fill("Ada First");
  await ada.page.getByLabel("Password").fill("too short");
  await ada.page.getByRole("button", { name: "Create account" }).click();
  await expect(ada.page.getByRole("alert").filter({ hasText: "at least 15 characters" })).toBeVisible();
  await ada.page.getByLabel("Password").fill(passwords.ada);
  await ada.page.getByRole("button", { name: "Create account" }).click();
  const seed = await setsUpAnApp(ada);
  await ada.page.waitForURL("**/admin/users");
  await expect(ada.page.getByRole("heading", { level: 1, name: "People" })).toBeVisible();
  await expect(
    ada.page.getByRole("table", { name: "People" }).getByRole("row", { name: /Ada First/ }),
  ).toContainText("Authenticator app");
  await expect(ada.page.getByRole("navigation", { name: "Main" })).not.toContainText("Customers");

  await invites(ada, { Name: "Bob Second", Email: "bob@company.example", Team: "North" });
  await expect(ada.prompt).toContainText("to invite Bob Second");
  await expect(ada.prompt).toContainText("North (a new team)");
  await confirmsWithNextCode(ada, "ada@company.example", seed);
  // The link goes by mail, and is not shown to the one who invites.
  const link = await linkIn("bob@company.example");
  await expect(ada.page.getByText(must(link.split("#")[1]))).toBeHidden();
  await expect(ada.region("Open invitations")).toContainText("bob@company.example");

  const bob = await newcomer(browser, "Bob Second", "bob@company.example");
  await virtualAuthenticator(bob.page);
  await opens(bob.page, link);
  await expect(bob.page.getByText("Ada First invites you")).toBeVisible();
  await expect(bob.page.getByLabel("Name")).toHaveValue("Bob Second");
  await bob.page.getByLabel("Password").fill(passwords.bob);
  await bob.page.getByRole("button", { name: "Create account" }).click();
  await bob.enrolment.getByRole("button", { name: "Add a passkey" }).click();
  await bob.enrolment.getByRole("button", { name: "I saved them" }).click();
  await bob.page.waitForURL("**/customers");

  await bob.page.getByRole("link", { name: "New customer" }).click();
  await bob.fills({ "Company name": "Nordlicht Optik GmbH", City: "Flensburg" });
  await bob.page.getByRole("button", { name: "Create customer" }).click();
  await bob.confirmsWithPasskey();
  await expect(bob.page.getByRole("heading", { level: 1, name: "Nordlicht Optik GmbH" })).toBeVisible();

  // The invitation vouched for the passkey: it confirms bank details on the first day.
  await bob.page.getByRole("button", { name: "Change bank details" }).click();
  const bank = bob.region("Bank details");
  await bank.getByLabel("Account holder").fill("Nordlicht Optik GmbH");
  await bank.getByLabel("IBAN").fill("GB82 WEST 1234 5698 7654 32");
  await bank.getByRole("button", { name: "Save bank details" }).click();
  await bob.confirmsWithPasskey();
  await expect(bob.page.getByText("Bank details saved")).toBeVisible();

  // The link is spent, and an employee has no page of people.
  const stranger = await newcomer(browser, "Stranger", "");
  await stranger.page.goto(link);
  await expect(stranger.page.getByRole("alert").filter({ hasText: "was used already" })).toBeVisible();
  await bob.page.goto("/admin/users");
  await expect(bob.page.getByRole("heading", { name: "This page doesn't exist" })).toBeVisible();

  // The next colleague begins at Bob's browser, where he is still signed in: his session ends.
  await ada.page.reload();
  await invites(ada, { Name: "Carol Third", Email: "carol@company.example", Team: "North" });
  await confirmsWithNextCode(ada, "ada@company.example", seed);
  await opens(bob.page, await linkIn("carol@company.example"));
  await bob.page.getByLabel("Password").fill(passwords.carol);
  await bob.page.getByRole("button", { name: "Create account" }).click();
  await bob.enrolment.getByRole("button", { name: "Cancel" }).click();
  await expect(bob.page.getByText("Welcome, Carol Third")).toBeVisible();
  await bob.page.getByRole("button", { name: "Skip for now" }).click();
  await bob.page.waitForURL("**/customers");
  await expect(bob.page.getByRole("button", { name: "Carol Third" })).toBeVisible();
  expect(await installation.world.openSessionsOf("bob@company.example")).toBe(0);
  for (const { context } of [ada, bob, stranger]) await context.close();
});

test("an administrator who lost everything begins anew, on probation", async ({ browser }) => {
  test.setTimeout(180_000);
  const link = await installation.runs(
    "admin-recover",
    "ada@company.example",
    "--reason",
    "Phone and recovery codes were stolen",
  );
  const told = await installation.world.readsMail("ada@company.example", "recovery link");
  expect(told).toContain("Phone and recovery codes were stolen");
  expect(told).not.toContain(must(link.split("#")[1]));
  expect(await installation.world.openSessionsOf("ada@company.example")).toBeGreaterThan(0);

  const ada = await newcomer(browser, "Ada First", "ada@company.example");
  await opens(ada.page, link);
  await expect(ada.page.getByText("your old authenticators and recovery codes are removed")).toBeVisible();
  await ada.page.getByLabel("Password").fill(passwords.again);
  await ada.page.getByRole("button", { name: "Recover account" }).click();
  await installation.world.forgetsCodes("ada@company.example");
  await setsUpAnApp(ada);
  await ada.page.waitForURL("**/admin/users");
  expect(await installation.world.openSessionsOf("ada@company.example")).toBe(1);
  await invites(ada, { Name: "Dora Fourth", Email: "dora@company.example", Team: "North" });
  await expect(ada.region("Invite a colleague").getByRole("alert")).toContainText(
    "was added without another second factor",
  );
  await ada.context.close();
});
