import { expect, type Page, test } from "@playwright/test";
import { DemoPerson } from "./person";

/* A person's account on the embedded database, with nothing but the app's own pages: /demo is phone and mailbox. */
// Each new code is up to half a minute away.
test.describe.configure({ mode: "serial", timeout: 240_000 });

let password = "turn the key twice";

/** Alan, with the password that the test before left him. */
function alanAt(page: Page): DemoPerson {
  const alan = new DemoPerson("alan@keyturn.example", page);
  alan.password = password;
  return alan;
}

test("Alan makes recovery codes, and signs out elsewhere", async ({ page, browser }) => {
  const alan = alanAt(page);
  await alan.signsIn();
  await page.getByRole("button", { name: "Generate recovery codes" }).click();
  await alan.confirms();
  await page.getByRole("button", { name: "I saved them" }).click();
  await expect(alan.region("Recovery codes")).toContainText("10 unused codes");

  const elsewhere = await browser.newPage();
  await alan.signsIn(elsewhere);
  await page.reload();
  await page.getByRole("button", { name: "Sign out other sessions" }).click();
  await alan.confirms();
  await expect(alan.region("Sessions").getByRole("listitem")).toHaveCount(1);
  await elsewhere.reload();
  await elsewhere.waitForURL("**/sign-in**");
  await elsewhere.close();
});

test("Alan changes his password, forgets it, and resets it by mail", async ({ page }) => {
  const alan = alanAt(page);
  await alan.signsIn();
  const panel = alan.region("Password");
  await panel.getByLabel("Current password").fill(alan.password);
  await panel.getByLabel("New password").fill("seven quiet herons at dawn");
  await panel.getByRole("button", { name: "Change password" }).click();
  await alan.confirms();
  await expect(page.getByText("Password changed")).toBeVisible();
  await page.getByRole("button", { name: /Alan/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");

  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill(alan.email);
  await page.getByRole("button", { name: "Send reset link" }).click();
  await expect(page.getByText("Look into your mailbox")).toBeVisible();
  await alan.followsMail("Choose a new password", /\/reset#/);
  password = alan.password = "nine grey otters by noon";
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Save new password" }).click();
  await page.waitForURL("**/sign-in**");
  await alan.signsIn();
  // The second factor is the same as before.
  await expect(alan.region("Authenticator apps")).toContainText("Demo authenticator");
});

test("it wasn't him: the account is locked, and opens by another mail", async ({ page, browser }) => {
  const alan = alanAt(page);
  await alan.signsIn();
  const reader = await browser.newPage();
  await alan.followsMail("Your password was reset", /\/not-me#/, { page: reader });
  await reader.getByRole("button", { name: "This wasn't me" }).click();
  await expect(reader.getByText("Your account is locked")).toBeVisible();
  await page.reload();
  await page.waitForURL("**/sign-in**");
  await page.getByRole("textbox", { name: "Email" }).fill(alan.email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator("main").getByRole("alert")).toBeVisible();

  await alan.followsMail("Choose a new password", /\/reset#/, { page: reader });
  password = alan.password = "five red kites over town";
  await reader.getByLabel("New password").fill(password);
  await reader.getByRole("button", { name: "Save new password" }).click();
  await reader.waitForURL("**/sign-in**");
  await alan.signsIn();
  await reader.close();
});
