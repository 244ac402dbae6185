import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { verifyExport } from "@/lib/audit/log/export-log";
import { expect, test } from "../fixtures/test";
import type { User } from "../fixtures/user";
import { must, type World } from "../fixtures/world";

/* The whole log, for those who look after it: found, verified, taken along; and an auditor, who does nothing else. */

const sentRow = async (world: World, { person }: User) =>
  (await world.auditOf(person.id)).findLast(({ detail }) => (detail as { step?: string }).step === "sent");

/** Other journeys write into the same log: each of these looks at its own person's rows. */
async function looksFor(user: User, email: string): Promise<void> {
  await user.page.getByLabel("Person").fill(email);
  await user.page.getByLabel("Person").press("Enter");
  await user.page.waitForURL(/person=/);
}

const table = (user: User) => user.page.getByRole("table", { name: "Audit log" });

test("an administrator finds a row, reads its verdict, and exports what is selected", async ({
  world,
  at,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Kiel" });
  await theo.saves();
  await theo.seesSaved();
  const ada = await at(
    await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
  );
  const { page } = ada;
  await ada.signsIn("/admin/audit");
  await expect(page.getByRole("region", { name: "Sealed log" })).toContainText("rows sealed");
  await looksFor(ada, theo.person.email);
  await page.getByLabel("Action").selectOption({ label: "edit the company" });
  await page.waitForURL(/action=customer\.edit/);
  const { number } = await world.customerRow(acme.id);
  await expect(table(ada).getByText(number).first()).toBeVisible();
  await expect(table(ada)).not.toContainText(acme.name);
  await expect(table(ada)).not.toContainText("Kiel");

  await page.getByRole("link", { name: "Theo Test edited the company." }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Theo Test edited the company/ })).toBeVisible();
  const verdict = page.getByRole("region", { name: "Verdict" });
  await expect(async () => {
    await page.reload();
    await expect(verdict.getByText("stands in the sealed log")).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(verdict.getByText("Written by the app: verified")).toBeVisible();
  await expect(page.locator("main")).not.toContainText(acme.name);
  await page.getByRole("link", { name: "Audit" }).last().click();
  await page.waitForURL(/admin\/audit\?.*action=customer\.edit/);

  await page.getByRole("button", { name: "Export CSV" }).click();
  await expect(ada.prompt).toContainText("to export the audit log");
  await expect(ada.prompt).toContainText(theo.person.email);
  const download = page.waitForEvent("download");
  await ada.confirmsWithCode();
  const text = await readFile(must(await (await download).path()), "utf8");
  const lines = text.trimEnd().split("\r\n");
  await expect(page.getByText(`${lines.length - 1} rows exported`)).toBeVisible();
  expect(lines.slice(1).every((line) => line.includes(theo.person.email))).toBe(true);
  expect(text).toContain(number);
  expect(text).not.toMatch(/Kiel/);
  expect(text).not.toContain(acme.name);
  await expect
    .poll(async () => (await world.auditOf(ada.person.id)).map(({ detail }) => detail))
    .toContainEqual(expect.objectContaining({ step: "sent", format: "csv", rows: lines.length - 1 }));
});

test("an export that is cancelled saves nothing, and its token opens nothing a second time", async ({
  world,
  at,
}) => {
  const ada = await at(
    await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
  );
  const { page } = ada;
  await ada.signsIn("/admin/audit");
  expect((await page.request.get("/admin/audit/export")).status()).toBe(403);
  let token = "";
  // Held back until it was cancelled: the log of a test may be over at once.
  let release = () => {};
  const cancelled = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/admin/audit/export", async (route) => {
    if (route.request().headers()["keyturn-cancel"]) return route.continue();
    token = route.request().headers()["keyturn-download"] ?? "";
    await cancelled;
    await route.abort();
  });
  await page.getByRole("button", { name: "Export JSON" }).click();
  await ada.confirmsWithCode();
  await expect(page.getByRole("progressbar", { name: "Export" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel export" }).click();
  await expect(page.getByText("Export cancelled. Nothing was saved")).toBeVisible();
  await expect(
    page.getByText("Export cancelled.").locator("xpath=ancestor::*[@tabindex='-1'][1]"),
  ).toBeFocused();
  release();
  // The request never arrived: what the browser says in passing ends the token all the same.
  await expect.poll(() => sentRow(world, ada)).toMatchObject({ outcome: "cancelled", detail: { rows: 0 } });
  const headers = { "Keyturn-Download": token };
  expect((await page.request.get("/admin/audit/export", { headers })).status()).toBe(403);
});

test("a download that is only asked about, or left half-way, is told as it was", async ({ world, at }) => {
  const ada = await at(
    await world.person({ name: "Ada Test", role: "administrator", teamId: null, app: true }),
  );
  const { page } = ada;
  await ada.signsIn("/admin/audit");
  let token = "";
  await page.route("**/admin/audit/export", async (route) => {
    token = route.request().headers()["keyturn-download"] ?? "";
    await route.abort();
  });
  await page.getByRole("button", { name: "Export JSON" }).click();
  await ada.confirmsWithCode();
  await expect(page.getByText("The export broke off")).toBeVisible();
  const cookies = await page.context().cookies();
  const headers = {
    "Keyturn-Download": token,
    Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "),
  };
  const address = new URL("/admin/audit/export", page.url());
  // Next would answer it with GET, and spend the token.
  expect((await fetch(address, { method: "HEAD", headers })).status).toBe(405);
  const request = new AbortController();
  const answer = await fetch(address, { headers, signal: request.signal });
  expect(answer.status).toBe(200);
  request.abort();
  await expect.poll(() => sentRow(world, ada)).toMatchObject({ detail: { step: "sent" } });
  expect((await fetch(address, { headers })).status).toBe(403);
});

test("an auditor reads, verifies and exports the log, and comes to nothing else", async ({
  world,
  at,
  theoAndAcme,
}) => {
  const { acme } = await theoAndAcme();
  const nora = await at(await world.person({ name: "Nora Test", role: "auditor", teamId: null, app: true }));
  const { page } = nora;
  await nora.signsIn("/admin/audit");
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link")).toHaveText([
    "Audit",
    "Overview",
  ]);
  await page.goto("/");
  await page.waitForURL("**/admin/audit");
  await page.goto("/admin/overview");
  await expect(page.getByRole("region", { name: "Who can confirm, and with what?" })).toBeVisible();
  for (const path of [
    "/admin/users",
    `/admin/users/${nora.person.id}`,
    "/admin/factors",
    "/admin/policy",
    "/customers/new",
    `/customers/${acme.id}`,
    `/customers/${acme.id}/contracts/${acme.contractId}`,
  ]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "This page doesn't exist" }), path).toBeVisible();
  }
  await page.goto(`/customers?q=${encodeURIComponent(acme.name)}`);
  await expect(page.getByRole("heading", { name: "No customer data for this role" })).toBeVisible();
  await expect(page.getByRole("searchbox")).toHaveCount(0);
  await page.goto("/admin/audit");
  await page.getByText("Verify it yourself").click();
  const head = page.waitForEvent("download");
  await page.getByRole("link", { name: "the signed head" }).click();
  const checkpoint = await readFile(must(await (await head).path()), "utf8");
  const key = must(/--key '([^']+)'/.exec(await page.locator("pre").innerText())?.[1]);
  await looksFor(nora, nora.person.email);
  await page.getByRole("button", { name: "Export JSON" }).click();
  const download = page.waitForEvent("download");
  await nora.confirmsWithCode();
  const lines = (await readFile(must(await (await download).path()), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).email)).toContain(nora.person.email);
  await page.getByRole("button", { name: "Export sealed log" }).click();
  await expect(nora.prompt).toContainText("every row of the log");
  const sealed = page.waitForEvent("download");
  await nora.confirmsWithCode();
  const file = must(await (await sealed).path());
  const verdict = await verifyExport(createInterface({ input: createReadStream(file) }), key, [
    { name: "the head that Nora kept", checkpoint },
  ]);
  expect(verdict.findings).toEqual([]);
  expect(verdict.sealed).toBeGreaterThan(0);
});

test("nobody else finds the log, the overview or a row", async ({ world, at }) => {
  const maya = await at(await world.person({ name: "Maya Test", role: "manager", app: true }));
  await maya.signsIn();
  const [row] = await world.auditOf(maya.person.id);
  for (const path of ["/admin/audit", "/admin/overview", `/admin/audit/${must(row).id}`]) {
    await maya.page.goto(path);
    await expect(maya.page.getByRole("heading", { name: "This page doesn't exist" }), path).toBeVisible();
    await expect(maya.page).toHaveTitle(/Not found/);
  }
  expect((await maya.page.request.get("/admin/audit/export")).status()).toBe(404);
});

test("the log by keyboard alone: search, open a row, go back", async ({ world, at }) => {
  const nora = await at(await world.person({ name: "Nora Test", role: "auditor", teamId: null, app: true }));
  const { page } = nora;
  await nora.signsIn("/admin/audit");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("searchbox", { name: "Search the log" })).toBeFocused();
  await page.keyboard.type(nora.person.email);
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=/);
  const row = page.getByRole("link", { name: "Nora Test signed in." });
  await expect(async () => {
    await page.keyboard.press("Tab");
    await expect(row).toBeFocused({ timeout: 50 });
  }).toPass();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "Audit", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/admin\/audit\?q=/);
  await page.goto("/admin/overview");
  const numbers = page.getByText("The numbers").first();
  await numbers.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("table", { name: "Who can confirm, and with what?" })).toBeVisible();
});
