import { expect, test } from "../fixtures/test";
import { virtualAuthenticator } from "../fixtures/user";
import { must, secretWords } from "../fixtures/world";

test("without a second factor, Edit offers to set up an app with the password, and then goes on", async ({
  world,
  at,
}) => {
  const erin = await at(await world.person({ name: "Erin Test" }));
  const acme = await world.customer(must(erin.person.teamId));
  await erin.signsIn();
  await erin.opens(acme);
  await erin.clicksEdit();
  await expect(erin.enrolment.getByText(`to edit ${acme.name}`)).toBeVisible();
  await erin.enrolment.getByLabel("Password").fill("not my password");
  await erin.enrolment.getByRole("button", { name: "Continue" }).click();
  await expect(erin.enrolment.getByRole("alert")).toContainText("That is not your password");
  await erin.startsEnrolment();
  await erin.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  const seed = (await erin.enrolment.getByLabel("Setup key").innerText()).replace(/\s/g, "");
  await expect(erin.enrolment.getByAltText("QR code of the setup key")).toBeVisible();
  await erin.enrolment.getByLabel("Authentication code").fill(await erin.freshCode(seed));
  await erin.enrolment.getByRole("button", { name: "Activate" }).click();
  await expect(
    erin.enrolment.getByRole("list", { name: "Recovery codes" }).getByRole("listitem"),
  ).toHaveCount(10);
  await erin.enrolment.getByRole("button", { name: "I saved them" }).click();
  // Enrolling raises nothing: the new app proves itself once.
  await erin.confirmsWithCode(seed);
  await erin.fills({ City: "Ulm" });
  await erin.saves();
  await erin.seesSaved();
  expect((await world.mailsTo(erin.person.email)).map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["enrolment-code", "factor-added"]),
  );
});

test("a first passkey opens a contract, but confirms no bank details while it is on probation", async ({
  world,
  at,
}) => {
  const erin = await at(await world.person({ name: "Erin Test" }));
  const acme = await world.customer(must(erin.person.teamId));
  await virtualAuthenticator(erin.page);
  await erin.signsIn();
  await erin.opens(acme);
  await erin.page.getByRole("button", { name: "View contract" }).click();
  await erin.startsEnrolment();
  await erin.enrolment.getByRole("button", { name: "Add a passkey" }).click();
  await erin.enrolment.getByRole("button", { name: "I saved them" }).click();
  await erin.confirmsWithPasskey();
  await expect(erin.page.getByText(secretWords.clause)).toBeVisible();

  await erin.opens(acme);
  await erin.page.getByRole("button", { name: "Change bank details" }).click();
  await erin.page.getByLabel("IBAN").fill("GB82 WEST 1234 5698 7654 32");
  await erin.page.getByRole("button", { name: "Save bank details" }).click();
  await expect(erin.page.getByRole("region", { name: "Bank details" }).getByRole("alert")).toContainText(
    "was added without another second factor",
  );
  await expect(erin.page.getByLabel("IBAN")).toHaveValue("GB82 WEST 1234 5698 7654 32");
  expect((await world.customerRow(acme.id)).iban).toBe("DE89370400440532013000");
});

test("a fresh step-up for an edit adds no passkey: it asks for exactly this", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await virtualAuthenticator(theo.page);
  await theo.signsIn();
  await theo.edits(acme, {});
  await theo.page.goto("/settings/security");
  await theo.page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(theo.prompt.getByText("to add a passkey")).toBeVisible();
  await theo.prompt.getByText("Why am I asked?").click();
  await expect(theo.prompt.getByText("it was not for exactly this")).toBeVisible();
});
