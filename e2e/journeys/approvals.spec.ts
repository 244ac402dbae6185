import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../fixtures/test";
import { type User, virtualAuthenticator } from "../fixtures/user";
import { must, type World } from "../fixtures/world";

// Three people and a dozen pages in one journey: on a busy machine that takes its time.
test.describe.configure({ timeout: 300_000 });

const reason = "Lost the phone, called me back";

async function administrator(world: World, at: (person: never) => Promise<User>, name: string) {
  const person = await world.person({ name, role: "administrator", teamId: null, app: true });
  return at(person as never);
}

/** Finds the person by their address, and opens their page. */
async function opens(administrator: User, email: string, name: string): Promise<void> {
  const { page } = administrator;
  await page.getByRole("searchbox", { name: "Search people" }).fill(email);
  await expect(page.getByText("1 person found")).toBeVisible();
  await page.getByRole("table", { name: "People" }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("Ada asks for a reset, Alan approves with a passkey, and Theo sets up anew with link and password", async ({
  world,
  at,
}) => {
  const theo = await at(await world.person({ name: "Theo Test", app: true }));
  await theo.signsIn();
  const ada = await administrator(world, at, "Ada Test");
  const alan = await administrator(world, at, "Alan Test");
  await virtualAuthenticator(alan.page);
  await alan.signsIn("/settings/security");
  await alan.addsPasskey();

  await test.step("Ada asks, with a reason", async () => {
    await ada.signsIn("/admin/users");
    await opens(ada, theo.person.email, "Theo Test");
    const factors = ada.region("Second factors");
    await expect(factors.getByText("Phone")).toBeVisible();
    await factors.getByRole("button", { name: "Reset factors" }).click();
    await factors.getByLabel("Reason for the reset").fill("short");
    await factors.getByRole("button", { name: "Ask for a reset" }).click();
    await expect(factors.getByRole("alert")).toContainText("at least 10 characters");
    await factors.getByLabel("Reason for the reset").fill(reason);
    await factors.getByRole("button", { name: "Ask for a reset" }).click();
    await expect(ada.prompt.getByText(reason)).toBeVisible();
    await ada.confirmsWithCode();
    await expect(factors.getByText("it waits for a second administrator")).toBeVisible();
    // Hers to withdraw, and not to approve.
    const approvals = ada.region("Approvals");
    await expect(approvals.getByRole("button", { name: "Withdraw" })).toBeVisible();
    await expect(approvals.getByRole("button", { name: "Approve" })).toHaveCount(0);
  });

  // Nothing has changed yet.
  await theo.page.reload();
  await expect(theo.menu).toBeVisible();

  await test.step("Alan reads who asks and why, and approves exactly this", async () => {
    await world.readsMail(alan.person.email, "asks for an approval");
    await alan.page.goto("/admin/users");
    const request = alan.region("Approvals").getByRole("listitem").filter({ hasText: theo.person.email });
    await expect(request).toContainText("Reset the second factors of Theo Test");
    await expect(request).toContainText(reason);
    await request.getByRole("button", { name: "Approve" }).click();
    await expect(alan.prompt.getByText(`Ada Test (${ada.person.email})`)).toBeVisible();
    await alan.confirmsWithPasskey();
    await expect(alan.page.getByText("Approved and applied")).toBeVisible();
    await expect(request).toHaveCount(0);
  });

  await test.step("Theo is signed out, and told at once", async () => {
    await theo.page.goto("/customers");
    await theo.page.waitForURL(/\/sign-in/);
    await world.readsMail(ada.person.email, "Decided");
  });

  await test.step("the link and the password bind a new app, on probation", async () => {
    const { page } = theo;
    await page.goto(await world.linkMailedTo(theo.person.email, "/set-up"));
    await expect(page.getByLabel("Password")).toBeVisible();
    expect(page.url()).not.toContain("#");
    await page.getByLabel("Password").fill("not the password at all");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByText("Email or password is wrong")).toBeVisible();
    await page.getByLabel("Password").fill(theo.password);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Set up a second factor" }).click();
    await theo.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
    const seed = (await theo.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
    await theo.enrolment.getByLabel("Authentication code").fill(await world.code(seed));
    await theo.enrolment.getByRole("button", { name: "Activate" }).click();
    await theo.enrolment.getByRole("button", { name: "I saved them" }).click();
    await expect(theo.menu).toBeVisible();
    await page.goto("/settings/security");
    await expect(theo.region("Authenticator apps").getByRole("listitem")).toHaveCount(1);
  });
});

test("a request is declined with a reason, by keyboard alone, and withdrawn by who asked", async ({
  world,
  at,
}) => {
  const erin = await world.person({ name: "Erin Test", app: true });
  const ada = await administrator(world, at, "Ada Test");
  const alan = await administrator(world, at, "Alan Test");
  const asks = async () => {
    await ada.page.goto(`/admin/users/${erin.id}`);
    await ada.page.getByRole("button", { name: "Reset factors" }).click();
    await ada.page.getByLabel("Reason for the reset").fill(reason);
    await ada.page.getByRole("button", { name: "Ask for a reset" }).click();
    await ada.confirmsWithCode();
    await expect(ada.region("Approvals")).toBeVisible();
  };
  await ada.signsIn("/admin/users");
  await asks();

  await alan.signsIn("/admin/users");
  await alan.page.goto(`/admin/users/${erin.id}`);
  const approvals = alan.region("Approvals");
  await approvals.getByRole("button", { name: "Decline" }).focus();
  await alan.page.keyboard.press("Enter");
  await expect(approvals.getByLabel("Reason for declining")).toBeFocused();
  const { violations } = await new AxeBuilder({ page: alan.page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await alan.page.keyboard.type("Erin did not call anybody");
  await alan.page.keyboard.press("Enter");
  await expect(alan.prompt.getByLabel("Authentication code")).toBeFocused();
  await alan.page.keyboard.type(await alan.freshCode());
  await expect(approvals).toHaveCount(0);
  expect(await world.readsMail(ada.person.email, "Decided")).toContain("Erin did not call anybody");

  await asks();
  await ada.region("Approvals").getByRole("button", { name: "Withdraw" }).click();
  await ada.confirmsWithCode();
  await expect(ada.region("Approvals")).toHaveCount(0);
  expect(must((await world.authenticatorsOf(erin.id))[0]).removedAt).toBeNull();
});
