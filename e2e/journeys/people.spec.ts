import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test";

// Three people and a dozen pages in one journey: on a busy machine that takes its time.
test.describe.configure({ timeout: 300_000 });

async function seesNoViolation(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)).toEqual(
    [],
  );
}

test("an administrator finds a person, moves them, signs them out and disables them with their customers handed over", async ({
  world,
  at,
}) => {
  const north = await world.team();
  const theo = await at(await world.person({ name: "Theo Test", teamId: north, app: true }));
  const erin = await world.person({ name: "Erin Test", teamId: north });
  const acme = await world.customer(north);
  await world.looksAfter(theo.person, acme);
  const ada = await at(
    await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
  );
  await ada.signsIn("/admin/users");
  const { page } = ada;

  await test.step("finds: by address, and in a view that can be sent", async () => {
    await page.getByRole("searchbox", { name: "Search people" }).fill(theo.person.email.toUpperCase());
    await expect(page.getByText("1 person found")).toBeVisible();
    await expect(page).toHaveURL(/q=/);
    await page.reload();
    await expect(page.getByRole("table", { name: "People" }).getByRole("row")).toHaveCount(2);
    await page.getByLabel("Show").selectOption("Without a second factor");
    await expect(page.getByText("Nobody matches")).toBeVisible();
    await page.getByLabel("Show").selectOption("Open accounts");
    await page.getByRole("table", { name: "People" }).getByRole("link", { name: "Theo Test" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Theo Test" })).toBeVisible();
    await seesNoViolation(page);
  });

  await test.step("signs them out", async () => {
    await theo.signsIn();
    await page.reload();
    await ada.region("Sessions").getByRole("button", { name: "Sign out everywhere" }).click();
    await ada.confirmsWithCode();
    await expect(ada.region("Sessions").getByText("Not signed in")).toBeVisible();
    await theo.page.goto("/customers");
    await theo.page.waitForURL(/\/sign-in/);
  });

  await test.step("makes them a manager, and says what changes", async () => {
    const place = ada.region("Role and team");
    await place.getByLabel("Role", { exact: true }).selectOption("Manager");
    await place.getByRole("button", { name: "Change role or team" }).click();
    await expect(ada.prompt.getByText("Employee")).toBeVisible();
    await ada.confirmsWithCode();
    await expect(page.getByText("Manager, ")).toBeVisible();
  });

  await test.step("disables the account, and hands the customer over in the same screen", async () => {
    const account = ada.region("Disable account");
    await account.getByLabel("Their customer goes to").selectOption({ value: erin.id });
    await account.getByRole("button", { name: "Disable account" }).click();
    await expect(ada.prompt.getByText("1 of Theo Test")).toBeVisible();
    await ada.confirmsWithCode();
    await expect(ada.region("Enable account")).toBeVisible();
    expect((await world.customerRow(acme.id)).accountManagerId).toBe(erin.id);
    await theo.fillsSignIn(theo.page.locator("main"));
    await expect(theo.page.getByText("Email or password is wrong")).toBeVisible();
  });

  await test.step("and enables it again", async () => {
    await ada.region("Enable account").getByRole("button", { name: "Enable account" }).click();
    await ada.confirmsWithCode();
    await expect(ada.region("Disable account")).toBeVisible();
  });
});

test("making an administrator is asked for, and one's own page is nobody's to change", async ({
  world,
  at,
}) => {
  const theo = await world.person({ name: "Theo Test", app: true });
  const ada = await at(
    await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
  );
  const alan = await at(
    await world.person({ name: "Alan Test", role: "administrator", teamId: null, app: true }),
  );
  await ada.signsIn("/admin/users");
  const { page } = ada;
  await page.goto(`/admin/users/${theo.id}`);
  const place = ada.region("Role and team");
  await place.getByLabel("Role", { exact: true }).selectOption("Administrator");
  await place.getByLabel("Reason for the role").fill("Runs the office in Vienna");
  await place.getByRole("button", { name: "Ask for approval" }).click();
  await ada.confirmsWithCode();
  await expect(ada.region("Approvals")).toContainText("Make Theo Test an administrator");

  await alan.signsIn("/admin/users");
  await alan.page.goto(`/admin/users/${theo.id}`);
  await alan.region("Approvals").getByRole("button", { name: "Approve" }).click();
  await alan.confirmsWithCode();
  await expect(alan.page.getByText("Administrator", { exact: true }).first()).toBeVisible();

  await page.goto(`/admin/users/${ada.person.id}`);
  await expect(page.getByText("This is your own account")).toBeVisible();
  for (const name of ["Reset factors", "Disable account", "Change role or team", "Sign out everywhere"])
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  await seesNoViolation(page);
});

test("a person's page is nobody's but an administrator's", async ({ world, at }) => {
  const maya = await at(await world.person({ name: "Maya Test", role: "manager", app: true }));
  await maya.signsIn();
  for (const path of ["/admin/users", `/admin/users/${maya.person.id}`]) {
    await maya.page.goto(path);
    await expect(maya.page.getByText("isn't yours to see")).toBeVisible();
    expect(await maya.page.title()).not.toContain("Maya");
  }
});
