import { expect, type Page, test } from "@playwright/test";
import { required } from "../fixtures/world";

/* A person's account on the embedded database, with nothing but the app's own pages: /demo is phone and mailbox. */
// Each new code is up to half a minute away.
test.describe.configure({ mode: "serial", timeout: 240_000 });

const home = () => required("KEYTURN_E2E_DEMO_URL");
const email = "alan@keyturn.example";
let password = "turn the key twice";
let lastCode = "";

async function signsIn(page: Page) {
  await page.goto(`${home()}/sign-in?callbackUrl=/settings/security`);
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Security" })).toBeVisible();
}

/** Confirms with a code that was not used yet: looks at the demo's phone until there is one. */
async function confirms(page: Page) {
  const demo = await page.context().newPage();
  await expect
    .poll(
      async () => {
        await demo.goto(`${home()}/demo`);
        return demo.getByRole("row", { name: email }).locator("code").innerText();
      },
      { timeout: 60_000 },
    )
    .not.toBe(lastCode);
  lastCode = await demo.getByRole("row", { name: email }).locator("code").innerText();
  await demo.close();
  const dialog = page.getByRole("dialog", { name: "Confirm it's you" });
  await dialog.getByRole("textbox", { name: "Authentication code" }).fill(lastCode);
  await expect(dialog).toBeHidden();
}

/** Follows a link of the newest mail of this kind to Alan, as /demo shows it. */
async function followsMail(page: Page, subject: string, link: RegExp) {
  await page.goto(`${home()}/demo`);
  const mail = page.getByRole("listitem").filter({ hasText: subject }).filter({ hasText: email }).first();
  await mail.getByRole("link", { name: link }).click();
}

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

test("Alan makes recovery codes, and signs out elsewhere", async ({ page, browser }) => {
  await signsIn(page);
  await page.getByRole("button", { name: "Generate recovery codes" }).click();
  await confirms(page);
  await page.getByRole("button", { name: "I saved them" }).click();
  await expect(region(page, "Recovery codes")).toContainText("10 unused codes");

  const elsewhere = await browser.newPage();
  await signsIn(elsewhere);
  await page.reload();
  await page.getByRole("button", { name: "Sign out other sessions" }).click();
  await confirms(page);
  await expect(region(page, "Sessions").getByRole("listitem")).toHaveCount(1);
  await elsewhere.reload();
  await elsewhere.waitForURL("**/sign-in**");
  await elsewhere.close();
});

test("Alan changes his password, forgets it, and resets it by mail", async ({ page }) => {
  await signsIn(page);
  const panel = region(page, "Password");
  await panel.getByLabel("Current password").fill(password);
  await panel.getByLabel("New password").fill("seven quiet herons at dawn");
  await panel.getByRole("button", { name: "Change password" }).click();
  await confirms(page);
  await expect(page.getByText("Password changed")).toBeVisible();
  await page.getByRole("button", { name: /Alan/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");

  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByRole("button", { name: "Send reset link" }).click();
  await expect(page.getByText("Look into your mailbox")).toBeVisible();
  await followsMail(page, "Choose a new password", /\/reset#/);
  password = "nine grey otters by noon";
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Save new password" }).click();
  await page.waitForURL("**/sign-in**");
  await signsIn(page);
  // The second factor is the same as before.
  await expect(region(page, "Authenticator apps")).toContainText("Demo authenticator");
});

test("it wasn't him: the account is locked, and opens by another mail", async ({ page, browser }) => {
  await signsIn(page);
  const reader = await browser.newPage();
  await followsMail(reader, "Your password was reset", /\/not-me#/);
  await reader.getByRole("button", { name: "This wasn't me" }).click();
  await expect(reader.getByText("Your account is locked")).toBeVisible();
  await page.reload();
  await page.waitForURL("**/sign-in**");
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();

  await followsMail(reader, "Choose a new password", /\/reset#/);
  password = "five red kites over town";
  await reader.getByLabel("New password").fill(password);
  await reader.getByRole("button", { name: "Save new password" }).click();
  await reader.waitForURL("**/sign-in**");
  await signsIn(page);
  await reader.close();
});
