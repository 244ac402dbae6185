import { expect, type Locator, type Page } from "@playwright/test";
import { required } from "../fixtures/world";

/** The embedded database's app, as `npm start` serves it. */
export const home = () => required("KEYTURN_E2E_DEMO_URL");

/** The last code that each account confirmed with. Tests of one account follow each other within a code's half minute. */
const lastCodes = new Map<string, string>();

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

  /** Confirms with a code that was not used yet: looks at the demo's phone until there is one. */
  async confirms(): Promise<void> {
    const demo = await this.page.context().newPage();
    const shown = async () => {
      await demo.goto(`${home()}/demo`);
      return demo.getByRole("row", { name: this.email }).locator("code").innerText();
    };
    let code = "";
    await expect
      .poll(async () => (code = await shown()), { timeout: 60_000 })
      .not.toBe(lastCodes.get(this.email));
    lastCodes.set(this.email, code);
    await demo.close();
    await this.prompt.getByRole("textbox", { name: "Authentication code" }).fill(code);
    await expect(this.prompt).toBeHidden();
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
