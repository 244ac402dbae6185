import { expect, test } from "../fixtures/test";
import { countPosts, virtualAuthenticator } from "../fixtures/user";

test("an employee signs in, clicks Edit, confirms with a code, and saves", async ({ world, theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  const posts = countPosts(theo.page);
  await theo.clicksEdit();
  await expect(theo.prompt.getByText(`to edit ${acme.name}`)).toBeVisible();
  await theo.confirmsWithCode();
  await expect(theo.form).toHaveValue(acme.name);
  expect(posts.count()).toBe(2);

  await expect(theo.page.getByLabel("Country")).toHaveValue("Germany");
  await theo.fills({ City: "Bremen" });
  await theo.saves();
  await theo.seesSaved();
  expect(posts.count()).toBe(3);
  expect((await world.customerRow(acme.id)).city).toBe("Bremen");
  await expect(theo.page.getByRole("region", { name: "Activity" })).toContainText("Bremen");
  await expect(theo.page.getByRole("status").filter({ hasText: "Unlocked" })).toBeVisible();
});

test("a passkey takes two round trips, too, and is offered first once it was added here", async ({
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await virtualAuthenticator(theo.page);
  await theo.signsIn();
  await theo.addsPasskey();
  await theo.opens(acme);
  const posts = countPosts(theo.page);
  await theo.clicksEdit();
  await theo.confirmsWithPasskey();
  await expect(theo.form).toHaveValue(acme.name);
  expect(posts.count()).toBe(2);
  await theo.fills({ City: "Kiel" });
  await theo.saves();
  await theo.seesSaved();

  await theo.page.getByRole("button", { name: "Lock now" }).click();
  await expect(theo.page.getByRole("button", { name: "Lock now" })).toBeHidden();
  await theo.clicksEdit();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use an authenticator app" }).click();
  await theo.confirmsWithCode();
  await expect(theo.form).toBeVisible();
  // From now on the app comes first on this device, and the passkey is one click away.
  await theo.page.getByRole("button", { name: "Lock now" }).click();
  await theo.saves();
  await expect(theo.prompt.getByLabel("Authentication code")).toBeVisible();
  await theo.prompt.getByRole("button", { name: "Use another method" }).click();
  await theo.prompt.getByRole("button", { name: "Use a passkey" }).click();
  await theo.seesSaved();
});

test("Cancel and Escape leave everything as it was, and are told in the log", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  await theo.prompt.getByRole("button", { name: "Cancel" }).click();
  await expect(theo.prompt).toBeHidden();
  await expect(theo.page.getByRole("button", { name: "Edit", exact: true })).toBeFocused();
  await theo.clicksEdit();
  await expect(theo.prompt).toBeVisible();
  await theo.page.keyboard.press("Escape");
  await expect(theo.prompt).toBeHidden();
  await expect
    .poll(async () => (await world.auditOf(theo.person.id)).map(({ outcome }) => outcome))
    .toContain("cancelled");
});

test("a cancelled save keeps the form's content, and saving goes on later", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Lübeck", Phone: "+49 451 123" });
  await world.ageEvidence(theo.person.id, 901);
  await theo.saves();
  await theo.prompt.getByRole("button", { name: "Cancel" }).click();
  await expect(theo.page.getByLabel("City")).toHaveValue("Lübeck");
  await theo.saves();
  await theo.confirmsWithCode();
  await theo.seesSaved();
  expect((await world.customerRow(acme.id)).city).toBe("Lübeck");
});

test("a wrong code is told, the field is emptied and focused, and the right one goes on", async ({
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  const field = theo.prompt.getByLabel("Authentication code");
  const right = await theo.freshCode();
  await field.fill(right === "111111" ? "222222" : "111111");
  await expect(theo.prompt.getByRole("alert")).toContainText("That code didn't match");
  await expect(field).toBeFocused();
  await expect(field).toHaveValue("");
  // After an error the person decides when to send.
  await field.fill(right);
  await theo.prompt.getByRole("button", { name: "Edit" }).click();
  await expect(theo.form).toBeVisible();
});

test("a code that was used before counts down to the next one", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  await theo.clicksEdit();
  const code = await theo.freshCode();
  await theo.prompt.getByLabel("Authentication code").fill(code);
  await expect(theo.form).toBeVisible();
  await theo.page.getByRole("button", { name: "Lock now" }).click();
  await theo.saves();
  await theo.prompt.getByLabel("Authentication code").fill(code);
  await expect(theo.prompt.getByRole("alert")).toContainText(/already used\. (New code in \d+ s|A new code)/);
});

test("errors stand at their fields, and nothing that was typed is lost", async ({ world, theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { "Company name": "", Email: "not an address", City: "Jena" });
  await theo.saves();
  await expect(theo.page.getByText("Enter the company's name.")).toBeVisible();
  await expect(theo.page.getByText("Enter an email address")).toBeVisible();
  await expect(theo.form).toBeFocused();
  await expect(theo.page.getByLabel("City")).toHaveValue("Jena");
  expect((await world.customerRow(acme.id)).version).toBe(1);
});

test("two people save: both versions are shown, and the chosen one is kept", async ({
  world,
  at,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  const erin = await at(await world.person({ name: "Erin Test", app: true, teamId: theo.person.teamId }));
  await theo.signsIn();
  await erin.signsIn();
  await theo.edits(acme, { City: "Bonn" });
  await erin.edits(acme, { City: "Köln", Phone: "+49 221 1" });
  await theo.saves();
  await theo.seesSaved();
  await erin.saves();
  await expect(erin.page.getByText("Somebody else saved this record")).toBeVisible();
  const city = erin.page.getByRole("group", { name: "City" });
  await expect(city.getByText("Köln")).toBeVisible();
  await expect(city.getByText("Bonn")).toBeVisible();
  await city.getByLabel("Bonn").check();
  await erin.page.getByRole("button", { name: "Save with these" }).click();
  await erin.seesSaved();
  const row = await world.customerRow(acme.id);
  expect([row.city, row.phone, row.version]).toEqual(["Bonn", "+49 221 1", 3]);
});

test("leaving with unsaved changes asks: by a link, and by Cancel", async ({ world, theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Essen" });
  const asks = theo.page.getByRole("dialog", { name: "Leave without saving?" });
  await theo.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Customers" }).click();
  await asks.getByRole("button", { name: "Keep editing" }).click();
  await expect(theo.page.getByLabel("City")).toHaveValue("Essen");
  await theo.page.getByRole("button", { name: "Cancel" }).click();
  await asks.getByRole("button", { name: "Discard changes" }).click();
  await expect(theo.form).toBeHidden();
  expect((await world.customerRow(acme.id)).version).toBe(1);
});

test("older activity is looked at, and come back from, without a question: unsaved changes stay", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await world.hasHistory(acme, 21);
  await theo.signsIn();
  await theo.edits(acme, { City: "Essen" });
  await theo.page.getByRole("link", { name: "Show older" }).click();
  await expect(theo.page.getByRole("link", { name: "Show newest" })).toBeVisible();
  await expect(theo.page.getByLabel("City")).toHaveValue("Essen");
  await theo.page.evaluate(() => history.back());
  await expect(theo.page.getByRole("link", { name: "Show newest" })).toBeHidden();
  await expect(theo.page.getByRole("link", { name: "Show older" })).toBeVisible();
  await expect(theo.page.getByLabel("City")).toHaveValue("Essen");
  await expect(theo.page.getByRole("dialog")).toBeHidden();
});

test("leaving with unsaved changes asks: by Back", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.page.getByRole("table", { name: "Customers" }).getByRole("link", { name: acme.name }).click();
  await expect(theo.page.getByRole("heading", { level: 1, name: acme.name })).toBeVisible();
  await theo.clicksEdit();
  await theo.confirmsWithCode();
  await expect(theo.form).toBeVisible();
  await theo.fills({ City: "Essen" });
  await theo.page.evaluate(() => history.back());
  const asks = theo.page.getByRole("dialog", { name: "Leave without saving?" });
  await asks.getByRole("button", { name: "Keep editing" }).click();
  await expect(theo.page.getByLabel("City")).toHaveValue("Essen");
});
