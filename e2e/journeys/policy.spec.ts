import AxeBuilder from "@axe-core/playwright";
import { type Browser, expect, test } from "@playwright/test";
import { Installation } from "../fixtures/installation";
import type { User } from "../fixtures/user";
import { type MadeCustomer, type MadePerson, must } from "../fixtures/world";

/*
 * What administrators set, and what it does to everybody at once: on a database of its own, since a policy is everybody's,
 * and in two processes.
 */
test.describe.configure({ mode: "serial" });

let installation: Installation;
let elsewhere: string;
let theo: MadePerson;
let acme: MadeCustomer;
let ada: User;
let alan: User;

test.beforeAll(async ({ browser }) => {
  installation = await Installation.open();
  elsewhere = await installation.startsAnother();
  const { world } = installation;
  theo = await world.person({ name: "Theo Test", app: true });
  acme = await world.customer(must(theo.teamId));
  const administrator = (name: string) =>
    world.person({ name, role: "administrator", teamId: null, app: true });
  ada = await at(browser, await administrator("Ada Test"));
  alan = await at(browser, await administrator("Alan Test"));
  await ada.signsIn("/admin/policy");
  await alan.signsIn("/admin/users");
});
test.afterAll(() => installation?.stop());

const at = (browser: Browser, person: MadePerson, url?: string) => installation.at(browser, person, url);

/** A rule's row in the table. */
function rule(user: User, label: string) {
  return user.page.getByRole("group", { name: label });
}

async function reviews(user: User, reason: string): Promise<void> {
  await user.page.getByRole("button", { name: "Review the change" }).click();
  await user.region("Your draft").getByLabel("Reason").fill(reason);
}

async function axeFindsNothing({ page }: User): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test("a draft says whom it would hit, and is in force in every process at the next check", async ({
  browser,
}) => {
  const theos = await at(browser, theo, elsewhere);
  await theos.signsIn();
  await theos.edits(acme, { Street: "First street 1" });
  await theos.saves();
  await theos.seesSaved();

  await ada.page.reload();
  await rule(ada, "Edit a customer").getByRole("checkbox", { name: "Authenticator app" }).uncheck();
  await ada.page.getByRole("button", { name: "Review the change" }).click();
  const draft = ada.region("Your draft");
  await expect(draft).toContainText("Edit a customer: Passkey and Authenticator app, within 15 minutes");
  await expect(draft).toContainText("stricter");
  await expect(draft).toContainText("Edit a customer: 1 of 1 person could not (now 0)");
  // Counts alone: a dry run tells nobody's name.
  await expect(draft).not.toContainText("Theo");
  await axeFindsNothing(ada);

  await draft.getByLabel("Reason").fill("short");
  await draft.getByRole("button", { name: "Change the policy" }).click();
  await expect(draft.getByText("at least 10 characters")).toBeVisible();
  await draft.getByLabel("Reason").fill("Phishing got through last month");
  await draft.getByRole("button", { name: "Change the policy" }).click();
  await expect(ada.prompt.getByText("Phishing got through last month")).toBeVisible();
  await ada.confirmsWithCode();
  await expect(ada.page.getByText("Version 1 of the policy is in force")).toBeVisible();
  await expect(ada.region("Versions")).toContainText("Phishing got through last month");

  // The session is unlocked, in the other process: at its next check it is not enough any more.
  await theos.clicksEdit();
  await expect(theos.enrolment).toBeVisible();
});

test("loosening is asked for by one administrator and done by another", async () => {
  await rule(ada, "Edit a customer").getByRole("checkbox", { name: "Authenticator app" }).check();
  await reviews(ada, "Not everybody has a passkey yet");
  const draft = ada.region("Your draft");
  await expect(draft).toContainText("This makes something easier");
  await draft.getByRole("button", { name: "Ask for approval" }).click();
  await ada.confirmsWithCode();
  await expect(ada.page.getByText("Asked for approval")).toBeVisible();
  await expect(ada.page.getByText("Version 1 is in force")).toBeVisible();

  await alan.page.reload();
  const request = alan.region("Approvals").getByRole("listitem").filter({ hasText: "Loosen the policy" });
  await expect(request).toContainText("Not everybody has a passkey yet");
  await request.getByRole("button", { name: "Approve" }).click();
  await alan.confirmsWithCode();
  await expect(alan.page.getByText("Approved and applied")).toBeVisible();

  await ada.page.reload();
  await expect(ada.page.getByText("Version 2 is in force")).toBeVisible();
  await expect(ada.region("Versions")).toContainText("approved by Alan Test");
});

test("of two drafts at once the later one is kept, and told of the other", async () => {
  await alan.page.goto("/admin/policy");
  await rule(alan, "View a contract")
    .getByLabel("How long a proof counts")
    .selectOption({ label: "5 minutes" });
  await reviews(alan, "Contracts are read too long");

  await ada.page.getByRole("radio", { name: "When something is unusual" }).check();
  await reviews(ada, "New devices should confirm");
  await ada.region("Your draft").getByRole("button", { name: "Change the policy" }).click();
  await ada.confirmsWithCode();
  await expect(ada.page.getByText("Version 3 of the policy is in force")).toBeVisible();

  await alan.region("Your draft").getByRole("button", { name: "Change the policy" }).click();
  await alan.confirmsWithCode();
  await expect(alan.page.getByText("Somebody else changed the policy in the meantime")).toBeVisible();
  await expect(rule(alan, "View a contract").getByLabel("How long a proof counts")).toHaveValue("300");
  await alan.page.getByRole("button", { name: "Review the change" }).click();
  await expect(alan.region("Your draft")).toContainText("When something is unusual");
  await expect(alan.region("Your draft").getByLabel("Reason")).toHaveValue("Contracts are read too long");
});

test("an earlier version is restored as a new one, and a file brings a draft", async () => {
  await ada.page.reload();
  const [download] = await Promise.all([
    ada.page.waitForEvent("download"),
    ada.page.getByRole("link", { name: "Export" }).click(),
  ]);
  const file = await download.path();
  await ada.page.getByLabel("Import a file").setInputFiles(file);
  // What is in force already is no draft.
  await expect(ada.page.getByRole("button", { name: "Review the change" })).toHaveCount(0);
  const [name, mimeType] = ["policy.json", "application/json"];
  const other = { name, mimeType, buffer: Buffer.from(JSON.stringify({ signIn: "always" })) };
  await ada.page.getByLabel("Import a file").setInputFiles(other);
  await expect(ada.region("Your draft")).toContainText("policy.json");
  await ada.page.getByRole("button", { name: "Discard the draft" }).click();
  const wrong = { name, mimeType, buffer: Buffer.from(JSON.stringify({ signIn: "sometimes" })) };
  await ada.page.getByLabel("Import a file").setInputFiles(wrong);
  await expect(ada.page.getByText("policy.json isn't a policy of this version")).toBeVisible();

  await ada.page.getByRole("button", { name: "Restore version 1" }).click();
  // As a draft: its difference from now, and whom it would hit, before it is confirmed.
  await expect(ada.region("Your draft")).toContainText("restores version 1");
  await reviews(ada, "Back to what worked before");
  await expect(ada.region("Your draft")).toContainText("easier");
  await ada.region("Your draft").getByRole("button", { name: "Ask for approval" }).click();
  await ada.confirmsWithCode();
  // Version 1 asks less at sign-in than version 3.
  await expect(ada.page.getByText("Asked for approval")).toBeVisible();
});
