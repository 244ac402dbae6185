import { expect, test } from "../fixtures/test";
import { must, secretWords } from "../fixtures/world";

test("search as you type, in the address, with its count; no match is said", async ({ world, at }) => {
  const theo = await at(await world.person({ name: "Theo Test" }));
  const team = must(theo.person.teamId);
  await world.customer(team, "Größwind Logistik AG");
  await world.customer(team, "Blaufeld Papier KG");
  await theo.signsIn();
  await expect(theo.page.getByText("2 customers")).toBeVisible();
  const search = theo.page.getByRole("searchbox", { name: "Search customers" });
  await search.pressSequentially("grosswind log");
  await expect(
    theo.page.getByText("0 customers found").or(theo.page.getByText("1 customer found")),
  ).toBeVisible();
  await search.fill("größwind");
  await expect(theo.page.getByText("1 customer found")).toBeVisible();
  await expect(theo.page).toHaveURL(/q=gr/);
  await expect(
    theo.page.getByRole("table", { name: "Customers" }).getByRole("link", { name: "Größwind Logistik AG" }),
  ).toBeVisible();
  await search.fill("jana müller");
  await expect(theo.page.getByText("2 customers found")).toBeVisible();
  await search.fill("zzzz");
  await expect(theo.page.getByRole("heading", { name: "No customer matches" })).toBeVisible();
  await search.fill("");
  await theo.page.getByLabel("Status").selectOption("Paused");
  await expect(theo.page.getByText("0 customers found")).toBeVisible();
});

test("an employee sees the own team's customers, a manager all, an administrator none", async ({
  world,
  at,
}) => {
  const theo = await at(await world.person({ name: "Theo Test" }));
  const ours = await world.customer(must(theo.person.teamId));
  const theirs = await world.customer(await world.team());
  await theo.signsIn();
  await expect(theo.page.getByText("1 customer", { exact: true })).toBeVisible();
  await theo.page.goto(`/customers/${theirs.id}`);
  await expect(theo.page.getByRole("heading", { name: "This page doesn't exist" })).toBeVisible();
  await theo.page.goto(`/customers/${theirs.id}/contracts/${theirs.contractId}`);
  await expect(theo.page.getByRole("heading", { name: "This page doesn't exist" })).toBeVisible();

  const maya = await at(await world.person({ name: "Maya Test", role: "manager" }));
  await maya.signsIn();
  await maya.opens(ours);
  await maya.opens(theirs);

  const ada = await at(await world.person({ name: "Ada Test", role: "administrator", teamId: null }));
  await ada.signsIn();
  await expect(ada.page.getByRole("heading", { name: "No customer data for this role" })).toBeVisible();
  await ada.page.goto(`/customers/${ours.id}`);
  await expect(ada.page.getByRole("heading", { name: "This page doesn't exist" })).toBeVisible();
});

test("a new customer is created after one confirmation, with errors at the fields before", async ({
  world,
  at,
}) => {
  const theo = await at(await world.person({ name: "Theo Test", app: true }));
  await theo.signsIn();
  await theo.page.getByRole("link", { name: "New customer" }).click();
  await theo.fills({ "Company name": "Nordlicht Optik GmbH", Email: "nope", City: "Flensburg" });
  await theo.page.getByRole("button", { name: "Create customer" }).click();
  await expect(theo.page.getByText("Enter an email address")).toBeVisible();
  await theo.fills({ Email: "kontakt@nordlicht.example" });
  await theo.page.getByRole("button", { name: "Create customer" }).click();
  await expect(theo.prompt.getByText("to create Nordlicht Optik GmbH")).toBeVisible();
  await theo.confirmsWithCode();
  await expect(theo.page.getByRole("heading", { level: 1, name: "Nordlicht Optik GmbH" })).toBeVisible();
  await expect(theo.page.getByRole("region", { name: "Activity" })).toContainText("created the customer");
});

test("sorting and paging: every customer once, also while one is renamed", async ({ world, at }) => {
  const theo = await at(await world.person({ name: "Theo Test" }));
  const names = await world.customers(must(theo.person.teamId), 120);
  await theo.signsIn();
  await expect(theo.page.getByText("120 customers")).toBeVisible();
  const table = theo.page.getByRole("table", { name: "Customers" });
  const seen: string[] = [];
  for (let page = 0; page < 3; page++) {
    await expect(table.getByRole("link", { name: must(names[page * 50]), exact: true })).toBeVisible();
    seen.push(...(await table.locator("tbody a").allInnerTexts()));
    if (page === 0) await world.rename(must(names[10]), `${names[10]} renamed`);
    if (page < 2) await theo.page.getByRole("link", { name: "Next page" }).click();
  }
  expect(seen).toEqual(names);
  await theo.page.getByRole("link", { name: "Previous page" }).click();
  await expect(table.getByRole("link", { name: must(names[50]), exact: true })).toBeVisible();
  await theo.page.getByRole("link", { name: "Company", exact: true }).click();
  await expect(table.locator("tbody a").first()).toHaveText(must(names.at(-1)));
});

test("the list and the record carry nothing of a contract's details", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  for (const path of ["/customers", `/customers/${acme.id}`]) {
    const body = await (await theo.page.request.get(path)).text();
    for (const word of [...Object.values(secretWords), "748213", "DE89370400440532013000"])
      expect(body).not.toContain(word);
  }
});
