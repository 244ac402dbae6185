import { Installation } from "../fixtures/installation";
import { expect, test } from "../fixtures/test";
import { type MadeCustomer, type MadePerson, must, required, secretWords } from "../fixtures/world";
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
  "sendCode",
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

test("nor does one whose person is overdue with a second factor", async () => {
  // Of its own: a policy is everybody's, and where none demands the factor housekeeping takes the deadline back.
  const app = await Installation.open();
  try {
    const { world, url } = app;
    await world.policy({ enrolment: { employee: { graceDays: 0 } } });
    const erin = await world.person({ name: "Erin Test" });
    await world.isOverdue(erin);
    const caller = await Caller.signsIn(world, url, erin);
    const { examples } = await openCast(world, url);
    for (const { name } of builtActions().filter((one) => one.name !== "signOut")) {
      const { text } = await send(url, caller.call(name, {}));
      const example = examples[name];
      // What needs no session reads its input first.
      if (example && !own(example)) expect(text, name).toContain('"status":"invalid"');
      else if (listed.has(name)) expect(text, name).not.toContain('"because":"held"');
      else expect(text, name).toContain('"status":"signed-out","because":"held"');
    }
  } finally {
    await app.stop();
  }
});

/** Every address of the build, with ids of what is there. */
function addresses(acme: MadeCustomer, person: MadePerson, eventId: string): string[] {
  const parts: Record<string, string> = {
    "[customerId]": acme.id,
    "[contractId]": acme.contractId,
    "[personId]": person.id,
    "[eventId]": eventId,
    "[...nextauth]": "csrf",
  };
  return builtRoutes().map((route) => route.replace(/\[[^\]]+\]/g, (part) => must(parts[part])));
}

const manners: Record<string, string[]> = {
  document: ["Accept: text/html"],
  navigation: ["RSC: 1"],
  prefetch: ["RSC: 1", "Next-Router-Prefetch: 1"],
};

test("nor any page or route but the one that finishes it, in no manner of asking", async ({ world }) => {
  const theo = await world.person({ name: "Theo Waiting", app: true });
  const ada = await world.person({ name: "Ada Waiting", role: "administrator", teamId: null, app: true });
  const acme = await world.customer(theo.teamId ?? "");
  await world.looksAfter(theo, acme);
  const open = {
    theo: await Caller.signsIn(world, base(), theo),
    ada: await Caller.signsIn(world, base(), ada),
  };
  const held = {
    theo: await Caller.signsIn(world, base(), theo, ["always"]),
    ada: await Caller.signsIn(world, base(), ada, ["always"]),
  };
  // A row of the log about each of them: a sign-in that ended.
  await send(base(), open.theo.call("lockNow", {}));
  const eventId = must((await world.auditOf(theo.id))[0]).id;
  const told = [
    ...[acme.name, acme.contractTitle, secretWords.clause, secretWords.signatory],
    ...[theo.name, theo.email, ada.name, eventId],
  ];
  // What an address itself says is no news.
  const tells = (text: string, path = "") =>
    told.filter((word) => text.includes(word) && !path.includes(word));
  const differs = { theo: 0, ada: 0 };
  for (const path of addresses(acme, theo, eventId).filter((one) => one !== "/sign-in/confirm")) {
    for (const [manner, head] of Object.entries(manners)) {
      for (const who of ["theo", "ada"] as const) {
        const about = `${who}: ${manner} of ${path}`;
        const asHeld = await send(base(), { path, head: [...head, `Cookie: ${held[who].cookie}`] });
        expect(tells(asHeld.text, path), about).toEqual([]);
        expect(asHeld.status, about).toBeLessThan(500);
        const asOpen = await send(base(), { path, head: [...head, `Cookie: ${open[who].cookie}`] });
        if (tells(asOpen.text, path).length > 0) differs[who] += 1;
      }
    }
  }
  // As an open session's the same addresses do tell.
  expect(differs.theo).toBeGreaterThan(4);
  expect(differs.ada).toBeGreaterThan(4);
  const page = await send(base(), {
    path: "/sign-in/confirm?callbackUrl=https://evil.example/x",
    head: ["Accept: text/html", `Cookie: ${held.theo.cookie}`],
  });
  expect(page.status).toBe(200);
  expect(page.text).not.toContain("evil.example/x");
  expect(tells(page.text).filter((word) => word !== theo.name && word !== theo.email)).toEqual([]);
});
