import { expect, test } from "../fixtures/test";

test("bank details are confirmed for exactly this account, with old and new in words", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.opens(acme);
  const region = theo.page.getByRole("region", { name: "Bank details" });
  await expect(region).not.toContainText("37040044");
  await region.getByRole("button", { name: "Change bank details" }).click();
  await region.getByLabel("IBAN").fill("GB82 WEST 1234 5698 7654 33");
  await region.getByRole("button", { name: "Save bank details" }).click();
  await expect(region.getByRole("alert")).toContainText("check digits");
  await region.getByLabel("IBAN").fill("GB82 WEST 1234 5698 7654 32");
  await region.getByRole("button", { name: "Save bank details" }).click();
  await expect(theo.prompt).toContainText("GB82 WEST 1234 5698 7654 32");
  await expect(theo.prompt).toContainText("DE••");
  await theo.confirmsWithCode();
  await expect(theo.page.getByText("Bank details saved")).toBeVisible();
  expect((await world.customerRow(acme.id)).iban).toBe("GB82WEST12345698765432");

  // The next change asks again, however fresh the last proof.
  await region.getByRole("button", { name: "Change bank details" }).click();
  await region.getByLabel("IBAN").fill("FR14 2004 1010 0505 0001 3M02 606");
  await region.getByRole("button", { name: "Save bank details" }).click();
  await expect(theo.prompt).toContainText("FR14 2004 1010 0505 0001 3M02 606");
  await theo.prompt.getByRole("button", { name: "Cancel" }).click();
  await expect(region.getByLabel("IBAN")).toHaveValue("FR14 2004 1010 0505 0001 3M02 606");
  expect((await world.customerRow(acme.id)).iban).toBe("GB82WEST12345698765432");
});
