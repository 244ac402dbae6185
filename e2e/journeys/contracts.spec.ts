import { expect, test } from "../fixtures/test";
import { countPosts } from "../fixtures/user";
import { secretWords } from "../fixtures/world";

const secrets = [...Object.values(secretWords), "748213", "748,213"];

test("the button asks, then opens the contract: two round trips", async ({ world, theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  const posts = countPosts(theo.page);
  await theo.page.getByRole("button", { name: `View contract ${acme.contractTitle}` }).click();
  await theo.confirmsWithCode();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  expect(posts.count()).toBe(2);
  expect(await world.openings(acme.contractId)).toBe(1);
  await theo.page.reload();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  expect(await world.openings(acme.contractId)).toBe(1);
});

test("the direct address shows nothing before, in no answer of any kind, and takes two round trips", async ({
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  const bodies: string[] = [];
  theo.page.on("response", async (response) => {
    if (response.url().includes("/_next/static/")) return;
    bodies.push(await response.text().catch(() => ""));
  });
  const path = `/customers/${acme.id}/contracts/${acme.contractId}`;
  await theo.opens(acme);
  await theo.page.goto(path);
  await expect(theo.page.getByRole("heading", { level: 1 })).toHaveText("This contract is locked");
  await expect(theo.page).toHaveTitle("Contract · Keyturn");
  const kinds: Record<string, string>[] = [
    {},
    { RSC: "1" },
    { RSC: "1", "Next-Router-Prefetch": "1" },
    { RSC: "1", "Next-Router-Segment-Prefetch": "/_tree" },
  ];
  for (const headers of kinds) {
    bodies.push(await (await theo.page.request.get(path, { headers })).text());
  }
  for (const word of secrets) expect(bodies.join("\n")).not.toContain(word);

  const posts = countPosts(theo.page);
  await theo.page.getByRole("button", { name: "Confirm it's you" }).click();
  await theo.confirmsWithCode();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  expect(posts.count()).toBe(2);
});

test("after Lock now the contract is gone in both tabs, and Back brings it to nobody", async ({
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.page.getByRole("button", { name: "View contract" }).click();
  await theo.confirmsWithCode();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  const second = await theo.opensAnotherTab();
  await second.page.goto(theo.page.url());
  await expect(second.page.getByText(secretWords.clause)).toBeVisible();

  await theo.page.getByRole("link", { name: acme.name }).click();
  await expect(theo.page.getByRole("region", { name: "Contracts" })).toBeVisible();
  await theo.page.getByRole("button", { name: "Lock now" }).click();
  await expect(second.page.getByText(secretWords.clause)).toBeHidden();
  await expect(second.page.getByRole("heading", { name: "This contract is locked" })).toBeVisible();
  await theo.page.goBack();
  await expect(theo.page.getByRole("heading", { name: "This contract is locked" })).toBeVisible();
  await expect(theo.page.getByText(secretWords.clause)).toBeHidden();
});

test("after signing out Back shows nothing, and other tabs are emptied", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.page.getByRole("button", { name: "View contract" }).click();
  await theo.confirmsWithCode();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  const second = await theo.opensAnotherTab();
  await second.opens(acme);
  await theo.signsOut();
  await second.page.waitForURL("**/sign-in**");
  await theo.page.goBack();
  await expect(theo.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(theo.page.getByText(secretWords.clause)).toBeHidden();
});

test("when the time is up the contract goes by itself", async ({ world, theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.page.goto(`/customers/${acme.id}/contracts/${acme.contractId}`);
  await theo.page.getByRole("button", { name: "Confirm it's you" }).click();
  await theo.confirmsWithCode();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  // Some seconds are left of the fifteen minutes.
  await world.ageEvidence(theo.person.id, 888);
  await theo.page.reload();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  await expect(theo.page.getByRole("heading", { name: "This contract is locked" })).toBeVisible({
    timeout: 20_000,
  });
  await expect(theo.page.getByText(secretWords.clause)).toBeHidden();
});
