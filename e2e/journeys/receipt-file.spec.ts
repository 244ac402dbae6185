import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import type { ReceiptData } from "../../lib/audit/receipt/receipt-data";
import { renderReceipt } from "../../lib/audit/receipt/receipt-page";
import { makeReceipt } from "../../lib/testing/receipts";

/*
 * What an auditor does with a receipt: open the file from the disk, without a network. Nothing else may be asked for.
 */

type Auditor = {
  page: Page;
  opens(data: ReceiptData): Promise<void>;
};

const test = base.extend<{ auditor: Auditor }>({
  auditor: async ({ browser }, use) => {
    const folder = mkdtempSync(join(tmpdir(), "keyturn-receipt-"));
    const file = join(folder, "receipt.html");
    const address = pathToFileURL(file).href;
    const context = await browser.newContext({ timezoneId: "Europe/Berlin" });
    await context.setOffline(true);
    const problems: string[] = [];
    context.on("request", (request) => {
      if (request.url() !== address) problems.push(`asked for ${request.url()}`);
    });
    context.on("weberror", (error) => problems.push(error.error().message));
    context.on("console", (message) => problems.push(message.text()));
    const page = await context.newPage();
    await use({
      page,
      async opens(data) {
        writeFileSync(file, renderReceipt(data));
        await page.goto(address);
        await expect(page.getByRole("status")).not.toContainText("Nothing in this file has been checked");
      },
    });
    await context.close();
    rmSync(folder, { recursive: true });
    expect(problems).toEqual([]);
  },
});

const checked = (page: Page, result: string) =>
  page.getByRole("list").getByRole("img", { name: result }).count();

test("a good receipt says what was approved, by whom, with what and when, and that all fits", async ({
  auditor,
}) => {
  const { page } = auditor;
  await auditor.opens(await makeReceipt());
  await expect(page.getByRole("status")).toContainText("Everything fits");
  await expect(page.getByRole("status")).toContainText("compare the key below with the published one");
  expect(await checked(page, "Fits:")).toBe(13);
  expect(await checked(page, "Failed:")).toBe(0);
  const approved = page.getByRole("region", { name: "What was approved" });
  await expect(approved).toContainText(
    "Theo Brandt answered this prompt with a passkey, which signed its words",
  );
  await expect(approved).toContainText("Confirm it's you to change Acme GmbH's bank details");
  await expect(approved.getByRole("row", { name: /Account holder/ })).toContainText("Acme Holding GmbH");
  await expect(approved).toContainText("theo@keyturn.example");
  await expect(approved).toContainText("“Laptop” as the installation calls it today; not proved");
  await expect(approved).toContainText("24 November 2026 at 09:12:33 UTC");
  await expect(approved).toContainText("Your time: 24 November 2026 at 10:12:33 CET");
  await expect(page.getByText(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/)).toBeVisible();
  await expect(page.getByRole("heading", { name: "What this receipt does not prove" })).toBeVisible();
});

for (const algorithm of ["eddsa", "rs256"] as const) {
  test(`a passkey's ${algorithm} signature is checked by the browser`, async ({ auditor }) => {
    await auditor.opens(await makeReceipt({ algorithm }));
    await expect(auditor.page.getByRole("status")).toContainText("Everything fits");
  });
}

test("a changed name is found out, and the page then only claims", async ({ auditor }) => {
  const { page } = auditor;
  const data = await makeReceipt();
  await auditor.opens({ ...data, opening: (data.opening ?? "").replace("Theo Brandt", "Ada Stone") });
  await expect(page.getByRole("status")).toContainText("Do not trust this receipt: the name");
  await expect(page.getByRole("status")).not.toContainText("compare the key");
  expect(await checked(page, "Failed:")).toBe(1);
  await expect(page.getByRole("region", { name: "What this file claims" })).toContainText(
    "Do not rely on what follows",
  );
  await expect(page.getByRole("heading", { name: "What was approved" })).toHaveCount(0);
});

test("a file that is no receipt shows no content at all", async ({ auditor }) => {
  const { page } = auditor;
  const data = await makeReceipt();
  await auditor.opens({ ...data, row: { ...data.row, leaf: data.row.leaf.slice(0, -1) } });
  await expect(page.getByRole("status")).toContainText("Do not trust this receipt");
  await expect(page.getByText("Theo Brandt")).toHaveCount(0);
  await expect(page.getByRole("region")).toHaveCount(1);
});

test("what was confirmed with a code says that nothing was signed", async ({ auditor }) => {
  const { page } = auditor;
  await auditor.opens(await makeReceipt({ factor: "totp" }));
  await expect(page.getByRole("status")).toContainText(
    "Confirmed with a code from an authenticator app: nothing was signed by a device; the log vouches for it",
  );
  expect(await checked(page, "Not done:")).toBe(1);
  expect(await checked(page, "Failed:")).toBe(0);
});

test("erased values are gone, and the rest is still checked", async ({ auditor }) => {
  const { page } = auditor;
  await auditor.opens({ ...(await makeReceipt()), opening: null });
  await expect(page.getByRole("status")).toContainText("The personal values were erased on request");
  expect(await checked(page, "Not done:")).toBe(3);
  expect(await checked(page, "Fits:")).toBe(10);
  await expect(page.getByRole("table")).toHaveCount(0);
});

test("hostile names stay text", async ({ auditor }) => {
  const { page } = auditor;
  const name = "</script><script>document.title='taken'</script><!--<img src=x onerror=alert(1)>\u202Eoehт";
  const changes = [{ label: name, from: name, to: `${name}\u2028` }];
  const names = { authenticator: name, record: name };
  await auditor.opens(
    await makeReceipt({ by: { name, email: name }, prompt: { purpose: name, verb: name, changes }, names }),
  );
  await expect(page.getByRole("status")).toContainText("Everything fits");
  await expect(page).toHaveTitle("Receipt of a confirmed action – Keyturn");
  await expect(page.locator("img, bdi *")).toHaveCount(0);
  await expect(page.locator("script")).toHaveCount(2);
  await expect(page.locator("bdi").first()).toHaveText(name.replace("\u202E", "[U+202E]"));
});

test("the policy lets no other script run", async ({ browser }) => {
  const page = await browser.newPage();
  const folder = mkdtempSync(join(tmpdir(), "keyturn-receipt-"));
  const file = join(folder, "receipt.html");
  const added = "<script>document.title = 'taken'</script></body>";
  writeFileSync(file, renderReceipt(await makeReceipt()).replace("</body>", added));
  await page.goto(pathToFileURL(file).href);
  await expect(page.getByRole("status")).toContainText("Everything fits");
  await expect(page).toHaveTitle("Receipt of a confirmed action – Keyturn");
  rmSync(folder, { recursive: true });
  await page.close();
});

test("without JavaScript the page says what it needs, and claims nothing", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.setContent(renderReceipt(await makeReceipt()));
  await expect(page.getByText("Nothing in this file has been checked")).toBeVisible();
  await expect(page.getByRole("region")).toHaveCount(0);
  await context.close();
});

const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const receipts: [string, () => Promise<ReceiptData>][] = [
  ["good", () => makeReceipt()],
  ["broken", async () => ({ ...(await makeReceipt()), vkey: "" })],
  ["unsigned", () => makeReceipt({ factor: "totp" })],
  ["erased", async () => ({ ...(await makeReceipt()), opening: null })],
];

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`every kind of receipt is accessible and fits the screen: ${colorScheme}, ${width} px`, async ({
      auditor,
    }) => {
      const { page } = auditor;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      for (const [kind, make] of receipts) {
        await auditor.opens(await make());
        for (const summary of await page.locator("summary").all()) await summary.click();
        const { violations } = await new AxeBuilder({ page }).withTags(wcag).analyze();
        expect(
          violations.map(({ id, nodes }) => `${kind}: ${id}: ${nodes.map(({ html }) => html).join(" | ")}`),
        ).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), kind).toBe(width);
      }
    });
  }
}
