import { expect, test } from "@playwright/test";
import { generateSync } from "otplib";
import { virtualAuthenticator } from "../fixtures/user";
import { DemoPerson, home } from "./person";

/* Maya's month on the embedded database: a passkey, and a lost phone. */
test.describe.configure({ timeout: 300_000 });

test("Maya adds a passkey, and loses her phone while she edits", async ({ page }) => {
  const maya = new DemoPerson("maya@keyturn.example", page);
  await maya.signsIn();
  const { session, id } = await virtualAuthenticator(page);

  await test.step("a passkey, with the recovery codes", async () => {
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await maya.confirms();
    await page.getByRole("button", { name: "I saved them" }).click();
    await expect(maya.region("Passkeys").getByRole("listitem")).toHaveCount(1);
  });

  await test.step("the lost phone goes, the edit goes on", async () => {
    await page.getByRole("button", { name: "Generate recovery codes" }).click();
    await maya.prompt.getByRole("button", { name: "Use a passkey" }).click();
    const shown = page.getByRole("dialog", { name: "Your recovery codes" });
    const code = await shown.getByRole("listitem").first().innerText();
    await shown.getByRole("button", { name: "I saved them" }).click();
    await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: id });

    await page.goto(`${home()}/customers`);
    await page.getByRole("table", { name: "Customers" }).locator("tbody a").first().click();
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await maya.prompt.getByRole("button", { name: "I can't use any of these" }).click();
    await maya.prompt.getByRole("button", { name: "Use a recovery code" }).click();
    await maya.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
    await maya.enrolment.getByRole("button", { name: "Demo authenticator" }).click();
    await maya.enrolment.getByLabel("Recovery code").fill(code);
    await maya.enrolment.getByRole("button", { name: "Continue" }).click();
    const secret = (await maya.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
    await maya.waitsForAnUnusedStep();
    await maya.enrolment.getByLabel("Authentication code").fill(generateSync({ secret }));
    await maya.enrolment.getByRole("button", { name: "Activate" }).click();
    // The one after it: the first was spent by activating.
    const next = generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });
    await maya.prompt.getByRole("textbox", { name: "Authentication code" }).fill(next);
    await page.getByRole("textbox", { name: "City" }).fill("Stralsund");
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Changes saved")).toBeVisible();
  });
});
