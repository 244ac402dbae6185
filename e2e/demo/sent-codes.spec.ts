import { expect, type Page, test } from "@playwright/test";
import { DemoPerson, home } from "./person";

/* What a demo sends, by mail and by text message, is read on /demo: no server and no gateway is named. */
// Each new code of the app is up to half a minute away.
test.describe.configure({ timeout: 240_000 });

/** The six digits of the newest message of a panel of /demo that holds this text. */
async function codeShownIn(page: Page, panel: string, text: string): Promise<string> {
  const demo = await page.context().newPage();
  await demo.goto(`${home()}/demo`);
  const shown = demo
    .getByRole("region", { name: panel })
    .getByRole("listitem")
    .filter({ hasText: text })
    .first();
  const [code = ""] = /\b\d{6}\b/.exec(await shown.locator("p").last().innerText()) ?? [];
  await demo.close();
  return code;
}

test("Ada tries codes by email and text message, which come on /demo", async ({ page }) => {
  const ada = new DemoPerson("ada@keyturn.example", page);
  await ada.signsIn();
  await page.goto(`${home()}/admin/factors`);

  const mail = ada.region("Email code");
  await mail.getByRole("button", { name: "Send me an email" }).click();
  await ada.confirms();
  await expect(mail.getByRole("status")).toContainText("A code is on its way");
  await mail
    .getByLabel("Code from the message")
    .fill(await codeShownIn(page, "Outbox", "does mail from Keyturn"));
  await mail.getByRole("button", { name: "Confirm that it came" }).click();
  await expect(page.getByText("It works")).toBeVisible();
  await expect(mail.getByRole("button", { name: "Switch on Email code" })).toBeEnabled();

  const sms = ada.region("SMS code");
  await sms.getByLabel("Phone number").fill("+49 170 7654321");
  await sms.getByRole("button", { name: "Send a text message" }).click();
  await ada.confirms();
  const code = await codeShownIn(page, "Text messages", "to +49 ••• ••21");
  const field = sms.getByLabel("Code from the message");
  await field.fill(code === "000000" ? "111111" : "000000");
  await sms.getByRole("button", { name: "Confirm that it came" }).click();
  await expect(sms.getByText("That is not the code that was sent")).toBeVisible();
  await field.fill(code);
  await sms.getByRole("button", { name: "Confirm that it came" }).click();
  await expect(sms.getByRole("button", { name: "Switch on SMS code" })).toBeEnabled();
});
