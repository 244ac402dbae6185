import { expect, test } from "../fixtures/test";

const next = "seven bridges over the Pregel";

test("a stranger signs in: the owner says so, the stranger is out, and a mailed reset opens the account again", async ({
  world,
  at,
}) => {
  const theo = await at(await world.person({ name: "Theo Test", app: true }));
  await theo.signsIn();
  const stranger = await at(theo.person);
  await stranger.signsIn();
  const { page } = theo;
  const link = await world.linkMailedTo(theo.person.email, "/not-me");

  await page.goto(link);
  await expect(page.getByText("signed in to your account on a new device")).toBeVisible();
  expect(page.url()).not.toContain("#");
  // Looking changes nothing.
  await stranger.page.reload();
  await expect(stranger.menu).toBeVisible();
  await page.getByRole("button", { name: "This wasn't me" }).click();
  await expect(page.getByText("Thank you: your account is locked")).toBeVisible();

  await stranger.page.goto("/customers");
  await stranger.page.waitForURL(/\/sign-in/);
  await stranger.fillsSignIn(stranger.page.locator("main"));
  await expect(stranger.page.getByText("Email or password is wrong")).toBeVisible();

  await page.goto(await world.linkMailedTo(theo.person.email, "/reset"));
  await page.getByLabel("New password").fill(next);
  await page.getByRole("button", { name: "Save new password" }).click();
  await expect(page.getByText("Your new password is saved")).toBeVisible();
  theo.password = next;
  await theo.fillsSignIn(page.locator("main"));
  await expect(theo.menu).toBeVisible();
});

test("a second factor that somebody else added confirms nothing any more", async ({ world, at }) => {
  const erin = await at(await world.person({ name: "Erin Test" }));
  await erin.signsIn("/settings/security");
  await erin.page.getByRole("button", { name: "Set up an authenticator app" }).click();
  await erin.startsEnrolment();
  const seed = (await erin.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await erin.enrolment.getByLabel("Authentication code").fill(await erin.freshCode(seed));
  await erin.enrolment.getByRole("button", { name: "Activate" }).click();
  await expect(erin.enrolment.getByRole("button", { name: "I saved them" })).toBeVisible();

  const reader = await at(erin.person);
  await reader.page.goto(await world.linkMailedTo(erin.person.email, "/not-me"));
  await expect(reader.page.getByText("to your account")).toBeVisible();
  await reader.page.getByRole("button", { name: "This wasn't me" }).click();
  await expect(reader.page.getByText("What was added can confirm nothing any more")).toBeVisible();
  expect(await world.suspendedOf(erin.person.id)).toBe(1);
  // The same link once more says what it is: over.
  await reader.page.goto("/sign-in");
  await reader.page.goto(await world.linkMailedTo(erin.person.email, "/not-me"));
  await expect(reader.page.getByText("has expired or was used already")).toBeVisible();
});
