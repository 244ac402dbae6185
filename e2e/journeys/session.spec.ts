import { expect, test } from "../fixtures/test";
import { countPosts } from "../fixtures/user";
import { secretWords } from "../fixtures/world";

test("revoked in mid-edit: the same person signs in again in the dialog and goes on with the form", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Husum" });
  await world.endsSessions(theo.person.id);
  await theo.saves();
  const again = theo.page.getByRole("dialog", { name: "Sign in again" });
  await expect(again).toContainText("What you typed is still here");
  await theo.fillsSignIn(again);
  // A new session has proved nothing yet.
  await theo.confirmsWithCode();
  await theo.seesSaved();
  expect((await world.customerRow(acme.id)).city).toBe("Husum");
});

test("another person in the second tab: the first tab's form is not saved in their name", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  const erin = await world.person({ name: "Erin Test", app: true, teamId: theo.person.teamId });
  await theo.signsIn();
  await theo.edits(acme, { City: "Husum" });
  const tab = await theo.page.context().newPage();
  await theo.page.context().clearCookies({ name: /keyturn\.session/ });
  await tab.goto("/sign-in");
  await tab.getByLabel("Email").fill(erin.email);
  await tab.getByLabel("Password").fill("correct horse battery");
  await tab.getByRole("button", { name: "Sign in" }).click();
  await expect(tab.getByRole("button", { name: erin.name })).toBeVisible();
  await theo.saves();
  await expect(theo.page.getByText("Somebody else is signed in here now")).toBeVisible();
  expect((await world.customerRow(acme.id)).version).toBe(1);
});

test("an answer that is lost on the way is neither a second change nor an error", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Plön" });
  let lost = 0;
  await theo.page.route("**/customers/**", async (route) => {
    if (route.request().method() !== "POST" || lost > 0) return route.fallback();
    lost += 1;
    await route.fetch();
    await route.abort("connectionreset");
  });
  await theo.saves();
  await theo.seesSaved();
  expect(lost).toBe(1);
  expect((await world.customerRow(acme.id)).version).toBe(2);
});

test("an answer lost after the proof: the change happened once, and the next act asks again", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Plön" });
  await world.ageEvidence(theo.person.id, 901);
  await theo.saves();
  let posts = 0;
  await theo.page.route("**/customers/**", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    posts += 1;
    if (posts > 1) return route.fallback();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await theo.confirmsWithCode();
  await theo.seesSaved();
  expect((await world.customerRow(acme.id)).version).toBe(2);
});

test("a step-up in another tab frees the prompt that waits here", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  const second = await theo.opensAnotherTab();
  await second.opens(acme);
  await theo.clicksEdit();
  await expect(theo.prompt).toBeVisible();
  await second.page.getByRole("button", { name: "View contract" }).click();
  await second.confirmsWithCode();
  await expect(second.page.getByText(secretWords.clause)).toBeVisible();
  await expect(theo.form).toBeVisible();
  await expect(theo.prompt).toBeHidden();
});

test("two different acts refused together share one dialog, and both finish", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  const posts = countPosts(theo.page);
  // One task of the browser: neither click waits for the other's answer.
  await theo.page.evaluate(() => {
    const buttons = [...document.querySelectorAll("button")];
    buttons.find((one) => one.textContent === "Edit")?.click();
    buttons.find((one) => one.textContent === "View contract")?.click();
  });
  await theo.confirmsWithCode();
  await expect(theo.page.getByText(secretWords.clause)).toBeVisible();
  expect(posts.count()).toBe(4);
  const done = (await world.auditOf(theo.person.id)).filter(
    ({ outcome, factor }) => outcome === "allowed" && factor === "totp",
  );
  expect(done.map(({ action }) => action).sort()).toEqual(["contract.view", "customer.edit"]);
});

test("signed out, a page leads to the sign-in and back; a foreign address is not followed", async ({
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn(`/customers/${acme.id}`);
  await theo.signsOut();
  await theo.page.goto("/sign-in?callbackUrl=https://evil.example/x");
  await theo.fillsSignIn(theo.page.locator("main"));
  await expect(theo.menu).toBeVisible();
  expect(new URL(theo.page.url()).hostname).toBe("localhost");
});

test("wrong password and unknown account get the same words", async ({ world, at }) => {
  const theo = await at(await world.person({ name: "Theo Test" }));
  await theo.page.goto("/sign-in");
  const answers: string[] = [];
  for (const email of [theo.person.email, `nobody-${crypto.randomUUID()}@test.example`]) {
    await theo.page.getByLabel("Email").fill(email);
    await theo.page.getByLabel("Password").fill("wrong password");
    await theo.page.getByRole("button", { name: "Sign in" }).click();
    await expect(theo.page.locator("main").getByRole("alert")).toBeVisible();
    answers.push(await theo.page.locator("main").getByRole("alert").innerText());
    await theo.page.reload();
  }
  expect(answers[0]).toBe(answers[1]);
});
