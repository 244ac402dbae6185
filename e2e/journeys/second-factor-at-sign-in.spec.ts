import AxeBuilder from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { desc, eq, sql } from "drizzle-orm";
import { people } from "@/db/schema/people";
import { policyVersions } from "@/db/schema/policy";
import { sessions } from "@/db/schema/sessions";
import { authenticators } from "@/db/schema/step-up";
import { Installation } from "../fixtures/installation";
import { type User, virtualAuthenticator } from "../fixtures/user";
import { type MadePerson, must } from "../fixtures/world";

/*
 * What administrators say of sign-in and enrolment, as people meet it. On a server of its own: the policy is everybody's.
 */
// Minutes: some screens are analysed in two widths and two themes.
test.describe.configure({ mode: "serial", timeout: 300_000 });

let installation: Installation;
test.beforeAll(async () => {
  installation = await Installation.open();
});
test.afterEach(() => installation.closesBrowsers());
test.afterAll(() => installation?.stop());

/** A new version of the administrators' policy. */
async function policy(document: object): Promise<void> {
  const { database } = installation.world;
  const [last] = await database
    .select({ version: sql<number>`coalesce(max(${policyVersions.version}), 0)::int` })
    .from(policyVersions);
  await database.insert(policyVersions).values({ version: must(last).version + 1, document });
}

const at = (browser: Browser, person: MadePerson) => installation.at(browser, person);

/** The password alone; what the sign-in waits for comes next. */
async function entersPassword(user: User, path = "/customers"): Promise<void> {
  await user.page.goto(path);
  await user.fillsSignIn(user.page.locator("main"));
  await user.page.waitForURL((url) => url.pathname === "/sign-in/confirm");
}

async function clicksConfirm({ page }: User): Promise<void> {
  await page.getByRole("button", { name: "Confirm it's you" }).click();
}

async function seesCustomers(user: User): Promise<void> {
  await user.page.waitForURL((url) => url.pathname === "/customers");
  await expect(user.menu).toBeVisible();
}

async function isAccessible(page: Page, where: string): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(found, where).toEqual([]);
}

/** Where KEYTURN_SHOTS names a folder, the screen as it is, in both widths and themes. */
async function shows(page: Page, name: string): Promise<void> {
  for (const width of [1280, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await isAccessible(page, `${name}, ${width}, ${colorScheme}`);
      const folder = process.env.KEYTURN_SHOTS;
      if (folder) await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
    }
  }
  await page.setViewportSize({ width: 1280, height: 844 });
  await page.emulateMedia({ colorScheme: "light" });
}

async function setsUpAnApp(user: User): Promise<string> {
  await user.startsEnrolment();
  await user.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  const seed = (await user.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await user.enrolment.getByLabel("Authentication code").fill(await user.freshCode(seed));
  await user.enrolment.getByRole("button", { name: "Activate" }).click();
  await user.enrolment.getByRole("button", { name: "I saved them" }).click();
  return seed;
}

test("always: the password opens nothing; a code does, and the edit right after needs no other", async ({
  browser,
}) => {
  await policy({ signIn: "always" });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test", app: true }));
  const acme = await installation.world.customer(must(theo.person.teamId));
  await entersPassword(theo, `/customers/${acme.id}`);
  await expect(theo.page.getByRole("heading", { level: 1, name: "Confirm it's you" })).toBeVisible();
  await expect(theo.page.getByText("Your company asks for a second factor at every sign-in")).toBeVisible();
  await shows(theo.page, "confirm");
  // Going elsewhere leads back here.
  await theo.page.goto("/settings/security");
  await theo.page.waitForURL((url) => url.pathname === "/sign-in/confirm");
  await theo.page.goto(`/customers/${acme.id}`);
  await clicksConfirm(theo);
  await theo.prompt.getByText("Why am I asked?").click();
  await expect(theo.prompt.getByText("Your company asks for a second factor at every sign-in")).toBeVisible();
  await shows(theo.page, "prompt");
  await theo.confirmsWithCode();
  await expect(theo.page.getByRole("heading", { level: 1, name: acme.name })).toBeVisible();
  await theo.clicksEdit();
  await expect(theo.form).toBeVisible();
});

test("cancelled, the sign-in still waits; signing out is the way out", async ({ browser }) => {
  await policy({ signIn: "always" });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test", app: true }));
  await entersPassword(theo);
  await clicksConfirm(theo);
  await theo.prompt.getByRole("button", { name: "Cancel" }).click();
  await expect(theo.prompt).toBeHidden();
  await theo.page.getByRole("button", { name: "Sign out" }).click();
  await theo.page.waitForURL((url) => url.pathname === "/sign-in");
  await theo.page.goto("/customers");
  await theo.page.waitForURL((url) => url.pathname === "/sign-in");
});

test("when risky, by keyboard: a new device asks, the same one afterwards doesn't, nor after wrong passwords it does", async ({
  browser,
}) => {
  await policy({ signIn: "when-risky" });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test" }));
  const { page } = theo;
  const seed = await installation.world.app(theo.person.id);
  await entersPassword(theo);
  await expect(page.getByText("on this device before")).toBeVisible();
  await page.getByRole("checkbox", { name: "Don't ask on this device for 30 days" }).focus();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Confirm it's you" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(theo.prompt.getByLabel("Authentication code")).toBeFocused();
  await page.keyboard.type(await theo.freshCode(seed));
  await seesCustomers(theo);
  await theo.signsOut();
  await theo.signsIn();
  await theo.signsOut();
  for (let n = 0; n < 3; n++) {
    await page.getByLabel("Email").fill(theo.person.email);
    await page.getByLabel("Password").fill(`wrong ${n}`);
    const answer = page.waitForResponse((one) => one.url().endsWith("/callback/credentials"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await answer;
    await expect(page.locator("main").getByRole("alert")).toBeVisible();
  }
  await entersPassword(theo);
  await expect(page.getByText("Wrong passwords were typed for your account in the last day")).toBeVisible();
});

test("a trusted device: not asked at sign-in, asked at Edit, listed, and removed", async ({ browser }) => {
  await policy({ signIn: "always" });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test", app: true }));
  const acme = await installation.world.customer(must(theo.person.teamId));
  await entersPassword(theo);
  await theo.page.getByRole("checkbox", { name: "Don't ask on this device for 30 days" }).check();
  await clicksConfirm(theo);
  await expect(theo.prompt.getByText("not to be asked on this device for 30 days")).toBeVisible();
  await theo.confirmsWithCode();
  await seesCustomers(theo);
  await theo.signsOut();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  await expect(theo.prompt).toBeVisible();
  await theo.page.goto("/settings/security");
  const trusted = theo.region("Trusted devices");
  await expect(trusted.getByText("this device")).toBeVisible();
  await shows(theo.page, "trusted");
  await trusted.getByRole("button", { name: /^Remove / }).click();
  await expect(trusted.getByText("None.")).toBeVisible();
  await theo.signsOut();
  await entersPassword(theo);
});

test("an account without a second factor sets one up there, and goes on", async ({ browser }) => {
  await policy({ signIn: "always" });
  const erin = await at(browser, await installation.world.person({ name: "Erin Test" }));
  await entersPassword(erin);
  await expect(erin.page.getByText("you have none yet")).toBeVisible();
  await clicksConfirm(erin);
  const seed = await setsUpAnApp(erin);
  await erin.confirmsWithCode(seed);
  await seesCustomers(erin);
});

test("codes by email alone: one finishes the sign-in, to which /sign-in leads back", async ({ browser }) => {
  const { world } = installation;
  await policy({ signIn: "always", factors: { "email-code": true } });
  const jana = await at(browser, await world.person({ name: "Jana Test" }));
  await world.codesBy(jana.person, "email-code");
  await entersPassword(jana);
  await jana.page.goto("/sign-in");
  await jana.page.waitForURL((url) => url.pathname === "/sign-in/confirm");
  await jana.page.goto("/customers");
  await expect(jana.page.getByRole("button", { name: "Confirm it's you" })).toBeVisible();
  await expect(jana.page.getByRole("checkbox")).toBeHidden();
  await clicksConfirm(jana);
  await jana.prompt.getByRole("button", { name: "Send code" }).click();
  const mail = await world.readsMail(jana.person.email, /\bcode\b/i);
  await jana.prompt.getByLabel("Code from the email").fill(must(/\b\d{6}\b/.exec(mail))[0]);
  await seesCustomers(jana);
});

test("nothing that works: an administrator is asked, and after the reset the page names the link", async ({
  browser,
}) => {
  const { world } = installation;
  await policy({ signIn: "always" });
  const theo = await at(browser, await world.person({ name: "Theo Test", app: true }));
  await world.database
    .update(authenticators)
    .set({ suspendedAt: sql`now()` })
    .where(eq(authenticators.userId, theo.person.id));
  await entersPassword(theo);
  await expect(theo.page.getByText("none of yours is accepted here")).toBeVisible();
  await expect(theo.page.getByText("No recovery code either?")).toBeHidden();
  await expect(theo.page.getByRole("button", { name: "Confirm it's you" })).toBeHidden();
  await shows(theo.page, "nothing-left");
  await theo.page.getByRole("button", { name: "Ask an administrator" }).click();
  await expect(theo.page.getByText("The administrators have your request.")).toBeVisible();
  await world.setUpToken(theo.person);
  await theo.page.reload();
  await expect(theo.page.getByText("open the link that was sent to you")).toBeVisible();
});

test("trusted right after the invitation: the next sign-in asks for the password alone", async ({
  browser,
}) => {
  const { world } = installation;
  await policy({ signIn: "always" });
  const ada = await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true });
  const link = await world.invitation(ada);
  const bob = await at(browser, { ...ada, name: "Bob Test", seed: null });
  const password = "a long password of Bob's own";
  await bob.page.goto(link);
  await bob.page.getByLabel("Password").fill(password);
  await bob.page.getByRole("button", { name: "Create account" }).click();
  await bob.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  const seed = (await bob.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await bob.enrolment.getByLabel("Authentication code").fill(await world.code(seed));
  await bob.enrolment.getByRole("button", { name: "Activate" }).click();
  await bob.enrolment.getByRole("button", { name: "I saved them" }).click();
  await bob.page.waitForURL((url) => url.pathname === "/sign-in/confirm");
  const [made] = await world.database.select().from(people).orderBy(desc(people.createdAt)).limit(1);
  await world.forgetsCodes(must(made).email);
  await bob.page.getByRole("checkbox", { name: "Don't ask on this device for 30 days" }).check();
  await clicksConfirm(bob);
  await bob.prompt.getByLabel("Authentication code").fill(await world.code(seed));
  await seesCustomers(bob);
  await bob.signsOut();
  await bob.page.getByLabel("Email").fill(must(made).email);
  await bob.page.getByLabel("Password").fill(password);
  await bob.page.getByRole("button", { name: "Sign in" }).click();
  await seesCustomers(bob);
});

test("a lost phone: a recovery code leads on to a new app, and the new app finishes the sign-in", async ({
  browser,
}) => {
  await policy({ signIn: "always" });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test", app: true }));
  const [code = ""] = await installation.world.recoveryCodes(theo.person.id);
  await entersPassword(theo);
  await clicksConfirm(theo);
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
  await seesCustomers(theo);
});

const passkeysAlone = { actions: { "session.finish-sign-in": { factors: ["passkey"] } } };

test("an app that sign-in takes no more sets up a passkey there, and that finishes the sign-in", async ({
  browser,
}) => {
  await policy({ signIn: "always", ...passkeysAlone });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test", app: true }));
  await virtualAuthenticator(theo.page);
  await entersPassword(theo);
  await expect(theo.page.getByText("What you have lets you set up one that is")).toBeVisible();
  await shows(theo.page, "another");
  await theo.page.getByRole("button", { name: "Add a passkey" }).click();
  await theo.confirmsWithCode();
  await theo.enrolment.getByRole("button", { name: "I saved them" }).click();
  await theo.confirmsWithPasskey();
  await seesCustomers(theo);
});

test("signed out in mid-work: password and passkey in the dialogs, and what was typed is saved", async ({
  browser,
}) => {
  await policy({ signIn: "never" });
  const theo = await at(browser, await installation.world.person({ name: "Theo Test", app: true }));
  const acme = await installation.world.customer(must(theo.person.teamId));
  await virtualAuthenticator(theo.page);
  await theo.signsIn();
  await theo.addsPasskey();
  await theo.opens(acme);
  await theo.clicksEdit();
  await theo.confirmsWithPasskey();
  await theo.fills({ City: "Ulm" });
  await policy({ signIn: "always" });
  await installation.world.endsSessions(theo.person.id);
  await theo.saves();
  const dialog = theo.page.getByRole("dialog", { name: "Sign in again" });
  await theo.fillsSignIn(dialog);
  await expect(theo.prompt.getByText("to sign in")).toBeVisible();
  await theo.confirmsWithPasskey();
  await theo.seesSaved();
  expect((await installation.world.customerRow(acme.id)).city).toBe("Ulm");
});

test("demanded by role: told in time, stopped afterwards in the middle of an open session, and let through", async ({
  browser,
}) => {
  await policy({ enrolment: { employee: { graceDays: 7 } } });
  const erin = await at(browser, await installation.world.person({ name: "Erin Test" }));
  const { database } = installation.world;
  await database
    .update(people)
    .set({ secondFactorBy: sql`now() + interval '6 days'` })
    .where(eq(people.id, erin.person.id));
  await erin.signsIn();
  await expect(erin.page.getByText("Your role needs a second factor by")).toBeVisible();
  await shows(erin.page, "banner");
  await expect(erin.page.getByRole("link", { name: "Set up now" })).toHaveAttribute(
    "href",
    "/settings/security",
  );
  await database
    .update(people)
    .set({ secondFactorBy: sql`now() - interval '1 minute'` })
    .where(eq(people.id, erin.person.id));
  await erin.page.goto("/customers?q=a");
  await erin.page.waitForURL((url) => url.pathname === "/sign-in/confirm");
  await expect(erin.page.getByRole("heading", { level: 1, name: "Set up a second factor" })).toBeVisible();
  await expect(erin.page.getByText("Nothing else opens until it is done")).toBeVisible();
  await shows(erin.page, "overdue");
  await erin.page.getByRole("button", { name: "Set up a second factor" }).click();
  await setsUpAnApp(erin);
  await seesCustomers(erin);
  expect(new URL(erin.page.url()).search).toBe("?q=a");
  await expect(erin.page.getByText("Your role needs a second factor")).toBeHidden();
  const open = await database.$count(sessions, eq(sessions.personId, erin.person.id));
  expect(open).toBe(1);
});

test("demanded by role of somebody whose codes are not accepted any more: a recovery code sets up an app", async ({
  browser,
}) => {
  const { world } = installation;
  await policy({ enrolment: { employee: { graceDays: 0 } } });
  const nora = await at(browser, await world.person({ name: "Nora Test" }));
  await world.codesBy(nora.person, "sms-code", "+491701234567");
  const [code = ""] = await world.recoveryCodes(nora.person.id);
  await world.isOverdue(nora.person);
  await entersPassword(nora);
  await expect(nora.page.getByText("A recovery code lets you set up a new one.")).toBeVisible();
  await nora.page.getByRole("button", { name: "Set up a second factor" }).click();
  await nora.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  await nora.enrolment.getByRole("button", { name: "None is lost" }).click();
  await nora.enrolment.getByLabel("Recovery code").fill(code);
  await nora.enrolment.getByRole("button", { name: "Continue" }).click();
  const seed = (await nora.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await nora.enrolment.getByLabel("Authentication code").fill(await nora.freshCode(seed));
  await nora.enrolment.getByRole("button", { name: "Activate" }).click();
  await seesCustomers(nora);
});

test("demanded by role of somebody whose app is not accepted any more: it sets up a passkey", async ({
  browser,
}) => {
  const { world } = installation;
  await policy({ enrolment: { employee: { graceDays: 0 } }, ...passkeysAlone });
  const theo = await at(browser, await world.person({ name: "Theo Test", app: true }));
  await world.recoveryCodes(theo.person.id);
  await world.isOverdue(theo.person);
  await virtualAuthenticator(theo.page);
  await entersPassword(theo);
  await expect(theo.page.getByText("What you have lets you set up one that is")).toBeVisible();
  await theo.page.getByRole("button", { name: "Add a passkey" }).click();
  await theo.confirmsWithCode();
  await seesCustomers(theo);
});
