import { DatabaseProxy } from "../../scripts/faults/database-proxy";
import { Installation } from "../fixtures/installation";
import { expect, test } from "../fixtures/test";
import { password, required } from "../fixtures/world";

/* PostgreSQL goes away under a person's hands, and comes back: app/global-error.tsx and app/(signed-in)/error.tsx. */

test("who looks while PostgreSQL is away reads a sentence, and Try again works once it is back", async ({
  browser,
}) => {
  const proxy = await DatabaseProxy.open(required("KEYTURN_E2E_DATABASE_URL"));
  const installation = await Installation.open((url) => proxy.through(url));
  try {
    const { world, url } = installation;
    const person = await world.person();
    const page = await browser.newPage();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel("Email").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(/customers/);

    proxy.turns("refuse");
    proxy.cut();
    expect((await page.reload())?.status()).toBe(500);
    await expect(page.getByText("Nothing that you saved is lost")).toBeVisible();
    const ready = await page.request.get(`${url}/api/ready`);
    expect([ready.status(), await ready.json()]).toEqual([503, { status: "database unreachable" }]);

    proxy.turns("through");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("heading", { name: "Customers", exact: true })).toBeVisible();
  } finally {
    await installation.stop();
    await proxy.close();
  }
});
