import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test";

/** Tabs on until the element with this role and name has the focus; fails where it can't be reached. */
async function tabTo(page: Page, role: "textbox" | "button" | "link" | "searchbox", name: string | RegExp) {
  const target = page.getByRole(role, { name, exact: typeof name === "string" }).first();
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${role} ${name}`);
}

test("the main job by keyboard alone: sign in, find, edit, confirm, save", async ({ world, theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  const { page } = theo;
  const { keyboard } = page;
  await page.goto("/sign-in");
  await tabTo(page, "textbox", "Email");
  await keyboard.type(theo.person.email);
  await keyboard.press("Tab");
  await keyboard.type("correct horse battery");
  await keyboard.press("Enter");
  await expect(theo.menu).toBeVisible();
  await tabTo(page, "searchbox", "Search customers");
  await keyboard.type(acme.name);
  await expect(page.getByText("1 customer found")).toBeVisible();
  await tabTo(page, "link", acme.name);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: acme.name })).toBeVisible();
  await tabTo(page, "button", "Edit");
  await keyboard.press("Enter");
  // The prompt takes the focus, keeps it, and sends itself at six digits.
  await expect(theo.prompt.getByLabel("Authentication code")).toBeFocused();
  for (let presses = 0; presses < 8; presses++) {
    await keyboard.press("Tab");
    expect(
      await theo.prompt.evaluate(
        (dialog) =>
          dialog.contains(document.activeElement) ||
          document.activeElement?.hasAttribute("data-base-ui-focus-guard"),
      ),
    ).toBe(true);
  }
  await theo.prompt.getByLabel("Authentication code").focus();
  await keyboard.type(await theo.freshCode());
  await expect(theo.form).toBeFocused();
  await tabTo(page, "textbox", "City");
  await keyboard.press("ControlOrMeta+a");
  await keyboard.type("Stade");
  await keyboard.press("Enter");
  await theo.seesSaved();
  await expect(page.getByRole("button", { name: "Edit", exact: true })).toBeFocused();
  expect((await world.customerRow(acme.id)).city).toBe("Stade");
});
