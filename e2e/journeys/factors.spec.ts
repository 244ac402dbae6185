import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Installation } from "../fixtures/installation";
import type { User } from "../fixtures/user";
import { must } from "../fixtures/world";

/*
 * A factor from its first message to its end: on an installation of its own, since what is switched on is everybody's,
 * with a gateway of the shape of Twilio's.
 */
test.describe.configure({ mode: "serial" });

let installation: Installation;
let ada: User;
let alan: User;

test.beforeAll(async ({ browser }) => {
  installation = await Installation.withGateway();
  const administrator = (name: string) =>
    installation.world.person({ name, role: "administrator", teamId: null, app: true });
  ada = await installation.at(browser, await administrator("Ada Test"));
  alan = await installation.at(browser, await administrator("Alan Test"));
  await ada.signsIn("/admin/factors");
  await alan.signsIn("/admin/users");
});
test.afterAll(() => installation?.stop());

const card = () => ada.region("SMS code");

test("a factor that sends codes goes on once a message came, was asked for, and a second administrator agreed", async () => {
  const number = "+491701234567";
  await expect(card().getByRole("button", { name: "Switch on SMS code" })).toBeDisabled();
  await card().getByLabel("Phone number").fill(number);
  await card().getByRole("button", { name: "Send a text message" }).click();
  await ada.confirmsWithCode();
  const code = await installation.codeTexted(number, 1);
  await card().getByLabel("Code from the message").fill(code);
  await card().getByRole("button", { name: "Confirm that it came" }).click();
  await card().getByRole("button", { name: "Switch on SMS code" }).click();
  await card().getByLabel("Reason").fill("For colleagues who forgot their phone");
  await card().getByRole("button", { name: "Ask for approval" }).click();
  await ada.confirmsWithCode();
  await expect(ada.page.getByText("Asked for approval").first()).toBeVisible();
  await ada.page.reload();
  await expect(ada.page.getByText("SMS code: off → on")).toBeVisible();
  const { violations } = await new AxeBuilder({ page: ada.page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await ada.page.goto("/admin/policy");
  await expect(ada.page.getByText("SMS code: off → on")).toBeVisible();

  await alan.page.goto("/admin/factors");
  await alan.page.getByRole("link", { name: "Decide on the People page" }).click();
  const request = alan.region("Approvals").getByRole("listitem").filter({ hasText: "Loosen the policy" });
  await request.getByRole("button", { name: "Approve" }).click();
  await alan.confirmsWithCode();
  await expect(alan.page.getByText("Approved and applied")).toBeVisible();
});

test("a colleague sets it up and works with it", async ({ browser }) => {
  const { world } = installation;
  const erin = await installation.at(browser, await world.person({ name: "Erin Test" }));
  const acme = await world.customer(must(erin.person.teamId));
  const number = "+491707654321";
  await erin.signsIn();
  await erin.opens(acme);
  await erin.clicksEdit();
  await erin.startsEnrolment();
  await erin.enrolment.getByRole("button", { name: "Set up SMS codes" }).click();
  await erin.enrolment.getByLabel("Phone number").fill(number);
  await erin.enrolment.getByRole("button", { name: "Send code" }).click();
  await erin.enrolment
    .getByLabel("Code from the text message")
    .fill(await installation.codeTexted(number, 1));
  await erin.enrolment.getByRole("button", { name: "Activate" }).click();
  await erin.enrolment.getByRole("button", { name: "I saved them" }).click();
  await erin.prompt.getByRole("button", { name: "Send code" }).click();
  await erin.prompt.getByLabel("Code from the text message").fill(await installation.codeTexted(number, 2));
  await erin.fills({ City: "Ulm" });
  await erin.saves();
  await erin.seesSaved();
});

test("it is switched off at once, with a reason, naming whom it leaves and what they can do", async () => {
  await ada.page.goto("/admin/factors");
  await expect(card()).toContainText("1 person, 1 used it in the last 30 days");
  await card().getByRole("button", { name: "Switch off SMS code" }).click();
  await expect(card()).toContainText(
    "It leaves 1 person without a way to confirm their work or to set up another factor",
  );
  await expect(card()).toContainText("Erin Test. 1 person can set up another one");
  await card().getByLabel("Reason").fill("Numbers were taken over last month");
  await card().getByRole("button", { name: "Switch it off" }).click();
  await ada.confirmsWithCode();
  await expect(card().getByRole("button", { name: "Switch on SMS code" })).toBeVisible();
});

test("the last way of all administrators can't be switched off, and says so before anybody tries", async () => {
  const app = ada.region("Authenticator app");
  await expect(app).toContainText("this would lock all of you out");
  await expect(app.getByRole("button", { name: "Switch off Authenticator app" })).toBeDisabled();
});
