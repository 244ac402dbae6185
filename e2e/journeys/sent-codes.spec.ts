import AxeBuilder from "@axe-core/playwright";
import { type Browser, expect, test } from "@playwright/test";
import type { SmsGateway } from "@/lib/testing/sms-gateway";
import { Installation } from "../fixtures/installation";
import type { User } from "../fixtures/user";
import { type MadeCustomer, type MadePerson, must, secretWords } from "../fixtures/world";

/*
 * Codes by mail and text message, switched on by an administrator: a server of its own, because they are off
 * elsewhere, with a gateway of the shape of Twilio's and the tests' mail server.
 */
test.describe.configure({ mode: "serial" });

let gateway: SmsGateway;
let installation: Installation;

test.beforeAll(async () => {
  installation = await Installation.withGateway();
  gateway = installation.gateway;
  await installation.world.policy({ factors: { "email-code": true, "sms-code": true } });
});
test.afterEach(() => installation.closesBrowsers());
test.afterAll(() => installation?.stop());

const at = (browser: Browser, person: MadePerson) => installation.at(browser, person);

/** Theo with an app and a number of his own, and a customer of his team. */
async function theoAndAcme(browser: Browser): Promise<{ theo: User; acme: MadeCustomer; number: string }> {
  const { world } = installation;
  const person = await world.person({ name: "Theo Test", app: true });
  const number = newNumber();
  await world.codesBy(person, "sms-code", number);
  const acme = await world.customer(must(person.teamId));
  return { theo: await at(browser, person), acme, number };
}

function newNumber(): string {
  return `+49170${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
}

const codeTexted = (number: string, count?: number) => installation.codeTexted(number, count);

async function codeMailed(user: User, about: string): Promise<string> {
  return must(/\d{6}/.exec(await user.world.readsMail(user.person.email, about)))[0];
}

test("a first second factor by text message at Edit: the number is verified, and the work goes on", async ({
  browser,
}) => {
  const { world } = installation;
  const erin = await at(browser, await world.person({ name: "Erin Test" }));
  const acme = await world.customer(must(erin.person.teamId));
  const number = newNumber();
  await erin.signsIn();
  await erin.opens(acme);
  await erin.clicksEdit();
  await erin.startsEnrolment();
  await erin.enrolment.getByRole("button", { name: "Set up SMS codes" }).click();
  const field = erin.enrolment.getByLabel("Phone number");
  await expect(field).toBeFocused();
  await field.fill("0170 1234567");
  await erin.enrolment.getByRole("button", { name: "Send code" }).click();
  await expect(erin.enrolment.getByText("Type the number with its country code")).toBeVisible();
  await expect(field).toHaveValue("0170 1234567");
  await field.fill(`${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`);
  await erin.enrolment.getByRole("button", { name: "Send code" }).click();
  const code = await codeTexted(number);
  const typed = erin.enrolment.getByLabel("Code from the text message");
  await typed.fill(code === "000000" ? "000001" : "000000");
  await erin.enrolment.getByRole("button", { name: "Activate" }).click();
  await expect(erin.enrolment.getByText("That is not the code of the newest message.")).toBeVisible();
  await typed.fill(code);
  await erin.enrolment.getByRole("button", { name: "Activate" }).click();
  await erin.enrolment.getByRole("button", { name: "I saved them" }).click();

  // Enrolling raises nothing: the number proves itself once, when asked to.
  await expect(erin.prompt.getByText(`+49 ••• ••${number.slice(-2)}`)).toBeVisible();
  expect(gateway.to(number)).toHaveLength(1);
  await erin.prompt.getByRole("button", { name: "Send code" }).click();
  await erin.prompt.getByLabel("Code from the text message").fill(await codeTexted(number, 2));
  await erin.fills({ City: "Ulm" });
  await erin.saves();
  await erin.seesSaved();
  expect((await world.mailsTo(erin.person.email)).map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["enrolment-code", "factor-added"]),
  );
});

test("codes by mail are set up with the app, and open a contract after a typing error, without a second mail", async ({
  browser,
}) => {
  const { world } = installation;
  const jana = await at(browser, await world.person({ name: "Jana Test", app: true }));
  const acme = await world.customer(must(jana.person.teamId));
  await jana.signsIn("/settings/security");
  await expect(jana.region("SMS codes")).toContainText("NIST restricts it");
  await jana.region("Email codes").getByRole("button", { name: "Set up email codes" }).click();
  await jana.confirmsWithCode();
  await jana.enrolment.getByRole("button", { name: "Send code" }).click();
  await jana.enrolment
    .getByLabel("Code from the email")
    .fill(await codeMailed(jana, "Your code to set up email codes"));
  await jana.enrolment.getByRole("button", { name: "Activate" }).click();
  await jana.enrolment.getByRole("button", { name: "I saved them" }).click();
  await expect(jana.region("Email codes").getByText("Codes to j•••@test.example")).toBeVisible();
  await expect(jana.region("Email codes").getByRole("button", { name: /^Remove Codes to/ })).toBeVisible();
  await expect(jana.region("Email codes").getByRole("button", { name: "Set up email codes" })).toBeHidden();

  await jana.opens(acme);
  await jana.page.getByRole("button", { name: "View contract" }).click();
  await jana.prompt.getByRole("button", { name: "Use another method" }).click();
  await jana.prompt.getByRole("button", { name: "Use an email code" }).click();
  await jana.prompt.getByRole("button", { name: "Send code" }).click();
  const code = await codeMailed(jana, "Your code to confirm it's you");
  const field = jana.prompt.getByLabel("Code from the email");
  await field.fill(code === "000000" ? "000001" : "000000");
  await expect(jana.prompt.getByRole("alert")).toContainText("That is not the code of the newest message");
  await expect(field).toBeFocused();
  await field.fill(code);
  await jana.prompt.getByRole("button", { name: "View contract" }).click();
  await expect(jana.page.getByText(secretWords.clause)).toBeVisible();
});

test("a message that is not delivered is told in the prompt, and another method goes on", async ({
  browser,
}) => {
  const { theo, acme, number } = await theoAndAcme(browser);
  gateway.statuses.set(number, "undelivered");
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an SMS code" }).click();
  await theo.prompt.getByRole("button", { name: "Send code" }).click();
  await codeTexted(number);
  await expect(theo.prompt.getByText("The text message could not be delivered.")).toBeVisible();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an authenticator app" }).click();
  await theo.confirmsWithCode();
  await expect(theo.form).toBeVisible();
});

test("an error goes with what it was about: with the other method's prompt, and when Keyturn is there again", async ({
  browser,
}) => {
  const { theo, acme, number } = await theoAndAcme(browser);
  // On its way for as long as it is asked after.
  gateway.statuses.set(number, "sent");
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  const right = await theo.freshCode();
  await theo.prompt.getByLabel("Authentication code").fill(right === "111111" ? "222222" : "111111");
  const alert = theo.prompt.getByRole("alert");
  await expect(alert).toContainText("That code didn't match");
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an SMS code" }).click();
  await expect(theo.prompt.getByRole("button", { name: "Send code" })).toBeFocused();
  await expect(alert).toBeHidden();
  await theo.prompt.getByRole("button", { name: "Send code" }).click();
  const code = await codeTexted(number);
  const field = theo.prompt.getByLabel("Code from the text message");
  await expect(field).toBeFocused();
  await theo.page.context().setOffline(true);
  await field.fill(code);
  await expect(alert).toContainText("Keyturn could not be reached");
  await theo.page.context().setOffline(false);
  await expect(alert).toBeHidden();
  await theo.prompt.getByRole("button", { name: "Edit" }).click();
  await expect(theo.form).toBeVisible();
});

test("where such codes are not enough the prompt says so, and a recovery code leads on", async ({
  browser,
}) => {
  const { world } = installation;
  const person = await world.person({ name: "Nora Test" });
  await world.codesBy(person, "sms-code", newNumber());
  const [recoveryCode = ""] = await world.recoveryCodes(person.id);
  const nora = await at(browser, person);
  const acme = await world.customer(must(person.teamId));
  await nora.signsIn();
  await nora.opens(acme);
  await nora.page.getByRole("button", { name: "Change bank details" }).click();
  await nora.page.getByLabel("IBAN").fill("GB82 WEST 1234 5698 7654 32");
  await nora.page.getByRole("button", { name: "Save bank details" }).click();
  await expect(nora.enrolment.getByText("it takes a passkey or an authenticator app")).toBeVisible();
  await nora.enrolment.getByRole("button", { name: "Use a recovery code" }).click();
  await nora.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  await nora.enrolment.getByRole("button", { name: "None is lost" }).click();
  await nora.enrolment.getByLabel("Recovery code").fill(recoveryCode);
  await nora.enrolment.getByRole("button", { name: "Continue" }).click();
  const seed = (await nora.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await nora.enrolment.getByLabel("Authentication code").fill(await nora.freshCode(seed));
  await nora.enrolment.getByRole("button", { name: "Activate" }).click();
  // What a recovery code paid for is on probation: the form says until when, and keeps what was typed.
  await expect(nora.region("Bank details").getByRole("alert")).toContainText("without another second factor");
  await expect(nora.page.getByLabel("IBAN")).toHaveValue("GB82 WEST 1234 5698 7654 32");
});

test("the wait between two codes runs on while another method is chosen", async ({ browser }) => {
  const { theo, acme } = await theoAndAcme(browser);
  await installation.world.codesBy(theo.person, "email-code");
  await theo.page.clock.install();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an email code" }).click();
  await theo.prompt.getByRole("button", { name: "Send code" }).click();
  // From here on nobody asks what became of it: no other challenge comes, with a wait of its own.
  await expect(theo.prompt.getByText("A code was sent by email")).toBeVisible();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an SMS code" }).click();
  const send = theo.prompt.getByRole("button", { name: "Send code" });
  await expect(send).toBeDisabled();
  await expect(send).toBeFocused();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an authenticator app" }).click();
  await theo.page.clock.fastForward("00:31");
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an SMS code" }).click();
  await expect(send).toBeEnabled();
  await expect(send).toBeFocused();
});

test("by keyboard alone, and accessible in both themes and on a phone", async ({ browser }) => {
  const { theo, acme, number } = await theoAndAcme(browser);
  const { page } = theo;
  const { keyboard } = page;
  await theo.signsIn();
  await theo.opens(acme);
  await theo.page.getByRole("button", { name: "Edit", exact: true }).focus();
  await keyboard.press("Enter");
  await theo.prompt.getByRole("button", { name: "Use another method" }).focus();
  await keyboard.press("Enter");
  await theo.prompt.getByRole("button", { name: "Use an SMS code" }).focus();
  await keyboard.press("Enter");
  await expect(theo.prompt.getByRole("button", { name: "Send code" })).toBeFocused();
  await isAccessible(theo, "before sending");
  await theo.prompt.getByRole("button", { name: "Send code" }).focus();
  await keyboard.press("Enter");
  await expect(theo.prompt.getByLabel("Code from the text message")).toBeFocused();
  await isAccessible(theo, "sent");
  await theo.prompt.getByLabel("Code from the text message").focus();
  await keyboard.type(await codeTexted(number));
  await expect(theo.form).toBeFocused();
  await page.goto("/settings/security");
  await expect(theo.region("SMS codes")).toBeVisible();
  await isAccessible(theo, "security settings");
});

async function isAccessible({ page }: User, where: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
      expect(violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html)}`)).toEqual(
        [],
      );
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/${where}-${colorScheme}-${width}.png` });
    }
  }
}
