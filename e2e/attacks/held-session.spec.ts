import { expect, test } from "../fixtures/test";
import { type MadeCustomer, required, secretWords } from "../fixtures/world";
import { builtActions, builtRoutes } from "./build-output";
import { Caller } from "./caller";
import { type Example, openCast } from "./examples";
import { send } from "./wire";

/*
 * What a cookie is worth whose sign-in still waits for a second factor, or whose person is overdue with setting one up:
 * what a thief of the password has. Every action, page and route of the build, from its own lists: a new one is shut
 * until somebody lists it.
 */

const base = () => required("KEYTURN_E2E_URL");

/** All that such a session opens, as lib/session/hold.ts lists it. */
const listed = new Set([
  "finishSignIn",
  "cancelPrompt",
  "signOut",
  "openFirstEnrolment",
  "openEnrolment",
  "openSetUp",
  "sendEnrolmentCode",
  "confirmMailedCode",
  "activateAuthenticatorApp",
  "activatePasskey",
  "activateSentCodes",
  "askForHelp",
]);

const own = (example: Example) => example.by !== "nobody";

test("a session that waits opens no action but those of the list, and changes nothing", async ({ world }) => {
  const cast = await openCast(world, base());
  const held = {
    theo: await Caller.signsIn(world, base(), cast.theo.person, ["always"]),
    ada: await Caller.signsIn(world, base(), cast.ada.person, ["new-device", "after-failures"]),
  };
  const before = await world.customerRow(cast.acme.id);
  let shut = 0;
  for (const [action, example] of Object.entries(cast.examples).filter(([, one]) => own(one))) {
    const caller = example.by === "ada" ? held.ada : held.theo;
    const { text } = await send(base(), caller.call(action, example.input));
    if (listed.has(action)) {
      expect(text, action).not.toContain('"because":"held"');
      continue;
    }
    shut += 1;
    expect(text, action).toContain('"status":"signed-out","because":"held"');
    for (const other of ["done", "step-up-required", "conflict", "invalid", "forbidden"])
      expect(text, action).not.toContain(`"status":"${other}"`);
    expect(text, action).not.toContain(cast.acme.name);
  }
  expect(shut).toBeGreaterThan(12);
  expect(await world.customerRow(cast.acme.id)).toEqual(before);
  expect(await world.openSessionsOf(cast.theo.person.email)).toBe(1);
});

test("nor does one whose person is overdue with a second factor", async ({ world }) => {
  const erin = await world.person({ name: "Erin Test" });
  const caller = await Caller.signsIn(world, base(), erin);
  for (const { name } of builtActions().filter((one) => one.name !== "signOut")) {
    // Each time: no policy demands it here, and housekeeping takes the deadline back.
    await world.isOverdue(erin);
    const { text } = await send(base(), caller.call(name, {}));
    if (listed.has(name)) expect(text, name).not.toContain('"because":"held"');
    else expect(text, name).toMatch(/"because":"held"|"status":"invalid"/);
  }
});

/** Every address of the build; those of records are one that exists, where they are known here. */
function addresses(acme: MadeCustomer): string[] {
  const parts: Record<string, string> = {
    "[customerId]": acme.id,
    "[contractId]": acme.contractId,
    "[...nextauth]": "csrf",
  };
  return builtRoutes().map((route) =>
    route.replace(/\[[^\]]+\]/g, (part) => parts[part] ?? "00000000-0000-4000-8000-000000000000"),
  );
}

const manners: Record<string, string[]> = {
  document: ["Accept: text/html"],
  navigation: ["RSC: 1"],
  prefetch: ["RSC: 1", "Next-Router-Prefetch: 1"],
};

test("nor any page or route but the one that finishes it, in no manner of asking", async ({ world }) => {
  const theo = await world.person({ name: "Theo Waiting", app: true });
  const acme = await world.customer(theo.teamId ?? "");
  const open = await Caller.signsIn(world, base(), theo);
  const held = await Caller.signsIn(world, base(), theo, ["always"]);
  const told = [acme.name, acme.contractTitle, secretWords.clause, secretWords.signatory, theo.name];
  const tells = (text: string) => told.filter((word) => text.includes(word));
  let differs = 0;
  for (const path of addresses(acme).filter((one) => one !== "/sign-in/confirm")) {
    for (const [manner, head] of Object.entries(manners)) {
      const about = `${manner} of ${path}`;
      const asHeld = await send(base(), { path, head: [...head, `Cookie: ${held.cookie}`] });
      expect(tells(asHeld.text), about).toEqual([]);
      expect(asHeld.status, about).toBeLessThan(500);
      const asOpen = await send(base(), { path, head: [...head, `Cookie: ${open.cookie}`] });
      if (tells(asOpen.text).length > 0) differs += 1;
    }
  }
  // As an open session's the same addresses do tell.
  expect(differs).toBeGreaterThan(4);
  const page = await send(base(), {
    path: "/sign-in/confirm?callbackUrl=https://evil.example/x",
    head: ["Accept: text/html", `Cookie: ${held.cookie}`],
  });
  expect(page.status).toBe(200);
  expect(page.text).not.toContain("evil.example/x");
  expect(tells(page.text).filter((word) => word !== theo.name)).toEqual([]);
});
