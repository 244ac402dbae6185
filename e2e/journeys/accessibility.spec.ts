import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test";
import { must, password, secretWords } from "../fixtures/world";

const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function isAccessible(page: Page, where: string) {
  const { violations } = await new AxeBuilder({ page }).withTags(wcag).analyze();
  expect(
    violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html).join(" | ")}`),
    where,
  ).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`every screen is accessible: ${colorScheme}, ${width} px`, async ({ world, at }) => {
      // Some twenty screens, each analysed whole.
      test.setTimeout(900_000);
      const theo = await at(await world.person({ name: "Theo Test", app: true }));
      const acme = await world.customer(must(theo.person.teamId));
      const { page } = theo;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/sign-in");
      await isAccessible(page, "sign-in");
      await page.goto("/reset");
      await page.getByLabel("Email").fill(theo.person.email);
      await page.getByRole("button", { name: "Send reset link" }).click();
      await expect(page.getByText("Look into your mailbox")).toBeVisible();
      await isAccessible(page, "reset: asked");
      await page.goto(await world.linkMailedTo(theo.person.email, "/reset"));
      await page.getByLabel("New password").fill("short");
      await page.getByRole("button", { name: "Save new password" }).click();
      await expect(page.getByText("at least 15 characters", { exact: false }).first()).toBeVisible();
      await isAccessible(page, "reset: new password with an error");
      await page.goto(`/not-me#${await world.notMeToken(theo.person)}`);
      await expect(page.getByRole("button", { name: "This wasn't me" })).toBeVisible();
      await isAccessible(page, "not me");
      await page.goto("/nowhere");
      await isAccessible(page, "not found");
      await theo.signsIn();
      await isAccessible(page, "list");
      await page.goto("/customers?q=zzz");
      await isAccessible(page, "no match");
      await page.goto("/customers/new");
      await isAccessible(page, "new customer");
      await page.goto(`/customers/${acme.id}/contracts/${acme.contractId}`);
      await isAccessible(page, "locked contract");
      await page.getByRole("button", { name: "Confirm it's you" }).click();
      await theo.prompt.getByText("Why am I asked?").click();
      await isAccessible(page, "prompt");
      await theo.prompt.getByLabel("Authentication code").fill("000000");
      await expect(theo.prompt.getByRole("alert")).toBeVisible();
      await isAccessible(page, "prompt with an error");
      await theo.prompt.getByLabel("Authentication code").fill(await theo.freshCode());
      await theo.prompt.getByRole("button", { name: "View contract" }).click();
      await expect(page.getByText(secretWords.clause)).toBeVisible();
      await isAccessible(page, "contract");
      await theo.opens(acme);
      await isAccessible(page, "record");
      await theo.clicksEdit();
      await theo.fills({ Email: "nope" });
      await theo.saves();
      await expect(page.getByText("Enter an email address")).toBeVisible();
      await isAccessible(page, "edit form with an error");
      await page.goto("/settings/security");
      await page.getByRole("button", { name: "Rename Phone" }).click();
      await isAccessible(page, "security, renaming");
      await page.getByRole("button", { name: "Generate recovery codes" }).click();
      await theo.prompt.getByRole("button", { name: "I can't use any of these" }).click();
      await isAccessible(page, "prompt, nothing at hand");
      await theo.prompt.getByRole("button", { name: "Cancel" }).click();
      await page.goto("/confirm-email#token");
      await isAccessible(page, "confirm an address");

      const erin = await at(await world.person({ name: "Erin Test" }));
      await erin.page.emulateMedia({ colorScheme });
      await erin.page.setViewportSize({ width, height: 900 });
      await erin.signsIn("/settings/security");
      await erin.page.getByRole("button", { name: "Set up an authenticator app" }).click();
      await isAccessible(erin.page, "enrolment: password");
      await erin.enrolment.getByLabel("Password").fill(password);
      await erin.enrolment.getByRole("button", { name: "Continue" }).click();
      await expect(erin.enrolment.getByLabel("Code from the email")).toBeVisible();
      await isAccessible(erin.page, "enrolment: mailed code");
      await erin.typesMailedCode();
      await expect(erin.enrolment.getByAltText("QR code of the setup key")).toBeVisible();
      await isAccessible(erin.page, "enrolment: app");

      const ada = await at(
        await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
      );
      await ada.page.emulateMedia({ colorScheme });
      await ada.page.setViewportSize({ width, height: 900 });
      await ada.page.goto(await world.invitation(ada.person));
      await expect(ada.page.getByLabel("Password")).toBeVisible();
      await isAccessible(ada.page, "invitation");
      await ada.page.reload();
      await expect(ada.page.getByText("Open this page with the link")).toBeVisible();
      await isAccessible(ada.page, "invitation without its link");
      await ada.signsIn("/admin/users");
      await expect(ada.page.getByRole("table", { name: "People" })).toBeVisible();
      await isAccessible(ada.page, "people");
      await ada.page.goto(`/admin/users/${theo.person.id}`);
      await ada.page.getByRole("button", { name: "Reset factors" }).click();
      await isAccessible(ada.page, "a person, asking for a reset");
      await ada.page.goto(`/set-up#${await world.setUpToken(theo.person)}`);
      await expect(ada.page.getByLabel("Password")).toBeVisible();
      await isAccessible(ada.page, "set up after a reset");
      await ada.page.goto("/admin/audit?person=test");
      await expect(ada.page.getByRole("table", { name: "Audit log" })).toBeVisible();
      await isAccessible(ada.page, "audit");
      await ada.page.goto("/admin/audit?q=nothing+of+the+kind");
      await isAccessible(ada.page, "audit: no match");
      const [signIn] = await world.auditOf(ada.person.id);
      await ada.page.goto(`/admin/audit/${must(signIn).id}`);
      await expect(ada.page.getByRole("region", { name: "Verdict" })).toBeVisible();
      await isAccessible(ada.page, "a row of the log");
      await ada.page.goto("/admin/overview");
      await expect(ada.page.getByRole("main").getByText("The numbers")).toHaveCount(5);
      for (const numbers of await ada.page.getByRole("main").getByText("The numbers").all())
        await numbers.click();
      await isAccessible(ada.page, "overview with its numbers");
      await ada.page.goto("/admin/factors");
      await ada.page.getByRole("button", { name: "Switch off Passkey" }).click();
      await isAccessible(ada.page, "factors");
      await ada.page.goto("/admin/policy");
      await ada.page.getByRole("radio", { name: "At every sign-in" }).check();
      // From the top: what is half scrolled away below the page's header counts as a target that is too small.
      await ada.page.evaluate(() => window.scrollTo(0, 0));
      await isAccessible(ada.page, "a draft of the policy");
    });
  }
}
