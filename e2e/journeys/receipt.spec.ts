import { readFile } from "node:fs/promises";
import type { Download } from "@playwright/test";
import { expect, test } from "../fixtures/test";
import { type User, virtualAuthenticator } from "../fixtures/user";
import type { MadeCustomer } from "../fixtures/world";

const iban = "DE89 3704 0044 0532 0130 00";

async function changesBankDetails(theo: User, acme: MadeCustomer, confirms: () => Promise<void>) {
  await theo.opens(acme);
  await theo.page.getByRole("button", { name: "Change bank details" }).click();
  await theo.page.getByLabel("Account holder").fill(acme.name);
  await theo.page.getByLabel("IBAN").fill(iban);
  await theo.page.getByRole("button", { name: "Save bank details" }).click();
  await confirms();
  await expect(theo.page.getByText("Bank details saved")).toBeVisible();
}

/** The file that the newest change's button gives. */
async function downloadsReceipt(theo: User): Promise<Download> {
  const download = theo.page.waitForEvent("download");
  await theo
    .region("Activity")
    .getByRole("button", { name: /^Receipt/ })
    .first()
    .click();
  return download;
}

/** Opens the file as an auditor does: from the disk, with no network. */
async function readsOffline(theo: User, download: Download) {
  const context = await theo.page.context().browser()!.newContext({ offline: true });
  const page = await context.newPage();
  await page.goto(`file://${await download.path()}`);
  return { page, close: () => context.close() };
}

test("a change that a passkey confirmed gives a receipt that an outsider checks offline", async ({
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await virtualAuthenticator(theo.page);
  await theo.addsPasskey();
  await changesBankDetails(theo, acme, () => theo.confirmsWithPasskey());
  const download = await downloadsReceipt(theo);
  expect(download.suggestedFilename()).toMatch(/^keyturn-receipt-C-\d+\.html$/);
  const { page, close } = await readsOffline(theo, download);
  await expect(page.getByText("Everything fits", { exact: false })).toBeVisible();
  await expect(page.getByText(iban).first()).toBeVisible();
  await expect(page.getByText(theo.person.email).first()).toBeVisible();
  await close();
});

test("a change that a code confirmed says plainly that nothing was signed", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await changesBankDetails(theo, acme, () => theo.confirmsWithCode());
  const { page, close } = await readsOffline(theo, await downloadsReceipt(theo));
  await expect(page.getByText(/nothing was signed/i).first()).toBeVisible();
  await close();
});

test("the file's address gives nothing to a locked session, another team or a stranger", async ({
  world,
  at,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await changesBankDetails(theo, acme, () => theo.confirmsWithCode());
  const html = await readFile((await (await downloadsReceipt(theo)).path())!, "utf8");
  const eventId = JSON.parse(/"leaf":("(?:[^"\\]|\\.)*")/.exec(html)?.[1] ?? '""').match(
    /"id":"([0-9a-f-]{36})"/,
  )?.[1];
  const address = `/customers/${acme.id}/receipts/${eventId}`;
  expect((await theo.page.request.get(address)).status()).toBe(200);

  await theo.page.getByRole("button", { name: "Lock now" }).click();
  // What is shown goes at the click; the server has locked a moment later.
  await expect(theo.page.getByRole("button", { name: "Lock now" })).toBeHidden();
  await expect.poll(async () => (await theo.page.request.get(address)).status()).toBe(403);
  const locked = await theo.page.request.get(address);
  expect([locked.status(), await locked.text()]).toEqual([403, expect.not.stringContaining("DE89")]);

  const other = await at(await world.person({ name: "Otto Test", app: true }));
  await other.signsIn();
  expect((await other.page.request.get(address)).status()).toBe(404);
  const stranger = await theo.page.context().browser()!.newContext();
  expect((await stranger.request.get(new URL(address, theo.page.url()).href)).status()).toBe(401);
  await stranger.close();
});
