import { expect, type Locator, type Page } from "@playwright/test";
import { required } from "../fixtures/world";

/** The embedded database's app, as `npm start` serves it. */
export const home = () => required("KEYTURN_E2E_DEMO_URL");

/** The time step of the last code of each account: over all tests, which follow each other within a half minute. */
const lastSteps = new Map<string, number>();
const stepNow = () => Math.floor(Date.now() / 30_000);

/** A demo account at a browser, with nothing but the app's own pages: /demo is phone and mailbox. */
export class DemoPerson {
  password = "turn the key twice";

  constructor(
    readonly email: string,
    readonly page: Page,
  ) {}

  async signsIn(page = this.page): Promise<void> {
    await page.goto(`${home()}/sign-in?callbackUrl=/settings/security`);
    await page.getByRole("textbox", { name: "Email" }).fill(this.email);
    await page.getByLabel("Password", { exact: true }).fill(this.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Security" })).toBeVisible();
  }

  get prompt(): Locator {
    return this.page.getByRole("dialog", { name: "Confirm it's you" });
  }

  get enrolment(): Locator {
    return this.page.getByRole("dialog", { name: "Set up a second factor" });
  }

  region(name: string): Locator {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** Confirms with the code that the demo's phone shows, once it is one that was not used yet. */
  async confirms(): Promise<void> {
    await this.waitsForAnUnusedStep();
    const demo = await this.page.context().newPage();
    await demo.goto(`${home()}/demo`);
    const code = await demo.getByRole("row", { name: this.email }).locator("code").innerText();
    // Not before: the display may have gone on while the page came.
    lastSteps.set(this.email, stepNow());
    await demo.close();
    await this.prompt.getByRole("textbox", { name: "Authentication code" }).fill(code);
    await expect(this.prompt).toBeHidden();
  }

  /** A code counts once for all apps of an account: those of the same half minute wait for the next. */
  async waitsForAnUnusedStep(): Promise<void> {
    await expect.poll(stepNow, { timeout: 90_000 }).toBeGreaterThan(lastSteps.get(this.email) ?? 0);
  }

  /** Follows a link of the newest mail of this kind, as /demo shows it. */
  async followsMail(
    subject: string,
    link: RegExp,
    { page = this.page, to = this.email } = {},
  ): Promise<void> {
    await page.goto(`${home()}/demo`);
    const mail = page
      .getByRole("listitem")
      .filter({ hasText: subject })
      .filter({ hasText: `to ${to}` })
      .first();
    await mail.getByRole("link", { name: link }).click();
  }
}
