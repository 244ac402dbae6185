import { parseKeyRing } from "@/lib/platform/key-ring";
import { expireToken } from "../fixtures/expire-token";
import { expect, test } from "../fixtures/test";
import { required } from "../fixtures/world";

test("a challenge that expired is replaced: nothing is counted, and the form is as it was", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  await theo.edits(acme, { City: "Celle" });
  await world.ageEvidence(theo.person.id, 901);
  await theo.saves();
  await expect(theo.prompt).toBeVisible();
  // The same token as after six minutes: sealed anew with the server's key and an expiry that is over.
  const ring = parseKeyRing(required("KEYTURN_ENCRYPTION_KEYS"));
  let expired = false;
  await theo.page.route("**/customers/**", (route) => {
    const body = route.request().postData();
    if (expired || !body?.includes('"token"')) return route.fallback();
    expired = true;
    return route.continue({
      postData: body.replace(
        /"token":"([^"]+)"/,
        (_, token: string) => `"token":"${expireToken(ring, token)}"`,
      ),
    });
  });
  await theo.confirmsWithCode();
  await expect(
    theo.prompt.getByText("This confirmation expired. Your changes are still here."),
  ).toBeVisible();
  await expect(theo.page.getByLabel("City")).toHaveValue("Celle");
  expect(await world.triesOf(theo.person.id)).toBe(0);
  await theo.prompt.getByRole("button", { name: "Save changes" }).click();
  await theo.seesSaved();
});
