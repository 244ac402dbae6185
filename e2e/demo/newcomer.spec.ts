import { expect, type Page, test } from "@playwright/test";
import { required } from "../fixtures/world";

/* The embedded database as `npm start` leaves it, in the words of interface.md: accounts, password, /demo. */
test.describe.configure({ mode: "serial" });

const home = () => required("KEYTURN_E2E_DEMO_URL");

async function signsIn(page: Page, email: string) {
  await page.goto(`${home()}/sign-in`);
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByLabel("Password").fill("turn the key twice");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/(customers|admin\/users)$/);
}

/** The code as /demo shows it, in a tab of its own. */
async function codeOf(page: Page, email: string): Promise<string> {
  const demo = await page.context().newPage();
  await demo.goto(`${home()}/demo`);
  const code = await demo.getByRole("row", { name: email }).locator("code").innerText();
  await demo.close();
  return code.replace(/\s/g, "");
}

test("500 companies are there, and Theo edits one with the code that /demo shows", async ({ page }) => {
  await signsIn(page, "maya@keyturn.example");
  await expect(page.getByText("500 customers")).toBeVisible();
  await page.getByRole("button", { name: /Maya/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");

  await signsIn(page, "theo@keyturn.example");
  await page.getByRole("table", { name: "Customers" }).locator("tbody a").first().click();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Confirm it's you" });
  await expect(dialog.getByRole("link", { name: "the current codes" })).toHaveAttribute("href", "/demo");
  await dialog
    .getByRole("textbox", { name: "Authentication code" })
    .fill(await codeOf(page, "theo@keyturn.example"));
  await page.getByRole("textbox", { name: "City" }).fill("Wismar");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(page.getByRole("region", { name: "Activity" })).toContainText("Wismar");

  await page
    .getByRole("button", { name: /^View contract / })
    .first()
    .click();
  await expect(page.getByRole("region", { name: "Clauses" })).toBeVisible();
});

test("Erin has no second factor yet, and is offered one in place", async ({ page }) => {
  await signsIn(page, "erin@keyturn.example");
  await page.getByRole("table", { name: "Customers" }).locator("tbody a").first().click();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Set up a second factor" })).toBeVisible();
});

test("administrators see no customer data", async ({ page }) => {
  await signsIn(page, "ada@keyturn.example");
  await expect(page.getByRole("table", { name: "Customers" })).toHaveCount(0);
});

test("a foreign Host is refused, and the loopback addresses both answer", async () => {
  const { port } = new URL(home());
  for (const host of ["localhost", "127.0.0.1"]) {
    expect((await fetch(`http://${host}:${port}/api/health`)).status).toBe(200);
  }
  const { request } = await import("node:http");
  const status = await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: "/sign-in", headers: { Host: "evil.example" } }, (answer) =>
      resolve(answer.statusCode),
    )
      .on("error", reject)
      .end();
  });
  expect(status).toBe(421);
});
