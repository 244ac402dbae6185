import { expect, test } from "../fixtures/test";
import { must } from "../fixtures/world";

const next = "seven bridges over the Pregel";

test("a forgotten password: a mailed link, a new one, and the second factor is asked for as before", async ({
  world,
  at,
}) => {
  const theo = await at(await world.person({ name: "Theo Test", app: true }));
  const elsewhere = await at(theo.person);
  await elsewhere.signsIn();
  const { page } = theo;
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill(theo.person.email);
  await page.getByRole("button", { name: "Send reset link" }).click();
  await expect(page.getByText("Look into your mailbox")).toBeVisible();

  await page.goto(await world.linkMailedTo(theo.person.email, "/reset"));
  await expect(page.getByLabel("New password")).toBeVisible();
  // Neither the history nor a shared screen keeps the token.
  expect(page.url()).not.toContain("#");
  await page.getByLabel("New password").fill("too short");
  await page.getByRole("button", { name: "Save new password" }).click();
  await expect(page.getByText("Use at least 15 characters")).toBeVisible();
  await page.getByLabel("New password").fill(next);
  await page.getByLabel("Show password").check();
  await expect(page.getByLabel("New password")).toHaveAttribute("type", "text");
  await page.getByRole("button", { name: "Save new password" }).click();
  await page.waitForURL(/\/sign-in/);
  await expect(page.getByText("Your new password is saved")).toBeVisible();

  await elsewhere.page.reload();
  await elsewhere.page.waitForURL(/\/sign-in/);
  theo.password = next;
  await theo.fillsSignIn(page.locator("main"));
  await expect(theo.menu).toBeVisible();
  const acme = await world.customer(must(theo.person.teamId));
  await theo.opens(acme);
  await theo.clicksEdit();
  await theo.confirmsWithCode();
  await expect(theo.form).toBeVisible();
  expect(await world.readsMail(theo.person.email, "Your password was reset")).toContain("This wasn't me");
});

test("asking says the same for every address", async ({ world, at }) => {
  const theo = await at(await world.person({ name: "Theo Test" }));
  const { page } = theo;
  const answers: string[] = [];
  for (const email of [theo.person.email, `nobody-${crypto.randomUUID()}@test.example`]) {
    await page.goto("/reset");
    await page.getByLabel("Email").fill(email);
    await page.getByRole("button", { name: "Send reset link" }).click();
    const answer = page.getByRole("status").filter({ hasText: "mailbox" });
    await expect(answer).toBeVisible();
    answers.push(await answer.innerText());
  }
  expect(answers[0]).toBe(answers[1]);
});

test("a link that was used or is over says so, and another one can be asked for", async ({ world, at }) => {
  const theo = await at(await world.person({ name: "Theo Test" }));
  const { page } = theo;
  await page.goto("/reset");
  await page.getByLabel("Email").fill(theo.person.email);
  await page.getByRole("button", { name: "Send reset link" }).click();
  const link = await world.linkMailedTo(theo.person.email, "/reset");
  await world.endsLinks(theo.person.id);
  await page.goto(link);
  await page.getByLabel("New password").fill(next);
  await page.getByRole("button", { name: "Save new password" }).click();
  await expect(page.getByText("has expired or was used already")).toBeVisible();
  await page.getByRole("button", { name: "Ask for a new link" }).click();
  await expect(page.getByRole("button", { name: "Send reset link" })).toBeVisible();
});
