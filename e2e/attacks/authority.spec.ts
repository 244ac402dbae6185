import { expect, test } from "../fixtures/test";
import { must } from "../fixtures/world";
import { Arena, statusOf, type Who } from "./arena";
import { builtRoutes } from "./build-output";

/*
 * Who may call what, asked of the built app with the right input of every action (threats.md 1, 2, 27): what is
 * refused here is refused for who calls or where it comes from, and for nothing else.
 */
test.describe.configure({ mode: "serial", timeout: 600_000 });

let arena: Arena;

test.beforeAll(async () => {
  arena = await Arena.open();
});
test.afterAll(() => arena?.close("authority"));

/** Work on customers, of Theo's team. */
const ofCustomers = [
  ...["viewContract", "downloadReceipt", "beginEdit", "editCustomer", "createCustomer"],
  "changeBankDetails",
];
/** Everybody's own account: what belongs to somebody else there is bad-input.spec.ts's. */
const ofOneself = [
  ...["askForHelp", "generateRecoveryCodes", "renameFactor", "removeFactor", "openFirstEnrolment"],
  ...[
    "openEnrolment",
    "confirmMailedCode",
    "activateAuthenticatorApp",
    "activatePasskey",
    "sendEnrolmentCode",
  ],
  ...["activateSentCodes", "changePassword", "changeEmail", "cancelEmailChange", "endSessions", "sendCode"],
  ...["cancelPrompt", "openSetUp", "removeTrustedDevices", "finishSignIn", "lockNow", "signOut"],
];
const everybody = ["theo", "otto", "mona", "olga", "ada"] as const;

/** Who may, by the rules of docs/security/rules-and-inventories.md; written out here, not taken from the product. */
function mayCall(action: string): readonly Who[] {
  if (ofOneself.includes(action)) return everybody;
  if (ofCustomers.includes(action)) return ["theo", "mona"];
  return ["exportAudit", "downloadRowReceipt"].includes(action) ? ["ada", "olga"] : ["ada"];
}

/** What needs a session, with its right input. */
function guarded(): [action: string, input: unknown][] {
  const { examples } = arena.cast;
  const entries = Object.entries(examples).filter(([, { by }]) => by !== "nobody");
  return entries.map(([action, { input }]) => [action, input]);
}

test("every action refuses its right call without an Origin, and changes nothing", async () => {
  await arena.changesNothing(async () => {
    for (const [action, { by, input }] of Object.entries(arena.cast.examples)) {
      const { head = [], ...sent } = arena.callOf(by, action, input);
      const without = head.filter((line) => !line.startsWith("Origin:"));
      const answer = await arena.answered("right calls without an Origin", { ...sent, head: without });
      expect(answer.text, action).toContain('"status":"forbidden"');
      expect(answer.text, action).toContain("This request came from another site.");
    }
  });
});

test("every action refuses the right call of whoever's work it isn't, in one decision of the log each", async () => {
  const claimed = Object.keys(arena.cast.examples).filter((name) => arena.cast.examples[name]?.by === "theo");
  expect(claimed.sort()).toEqual([...ofCustomers, ...ofOneself].sort());
  await arena.changesNothing(async () => {
    for (const [action, input] of guarded()) {
      for (const who of everybody.filter((one) => !mayCall(action).includes(one))) {
        const before = await arena.decisionsOf(arena.cast[who]);
        const answer = await arena.answered(
          "right calls of the wrong role",
          arena.callOf(who, action, input),
        );
        arena.expectHarmless(answer, who);
        expect(statusOf(answer), `${action} by ${who}`).toBe("forbidden");
        expect(answer.text, `${action} by ${who}`).toContain("This doesn't exist, or isn't yours to see.");
        expect(await arena.decisionsOf(arena.cast[who]), `${action} by ${who}`).toBe(before + 1);
      }
    }
  });
});

test("and lets in whose work it is", async () => {
  for (const [action, input] of guarded()) {
    // Signing out and locking are last, in bad-input.spec.ts; a receipt there is none of yet.
    if (ofOneself.includes(action) || action.endsWith("Receipt")) continue;
    for (const who of mayCall(action)) {
      const answer = await arena.answered("right calls", arena.callOf(who, action, input));
      expect(answer.text, `${action} by ${who}`).not.toContain("This doesn't exist, or isn't yours to see.");
      expect(["done", "step-up-required", "conflict", "invalid"], `${action} by ${who}`).toContain(
        statusOf(answer),
      );
    }
  }
});

/** How Next's client and a browser ask. */
const manners = [[], ["RSC: 1"], ["RSC: 1", "Next-Router-Prefetch: 1"], ["Accept: text/html"]];

test("no page of administration, and no download, tells anything to whoever's it isn't, in no manner of asking", async () => {
  const { theo, otto, mona, olga, ada, acme } = arena.cast;
  const [row] = await arena.app.world.auditOf(ada.person.id);
  const parts: Record<string, string> = {
    "[personId]": theo.person.id,
    "[eventId]": must(row).id,
    "[customerId]": acme.id,
  };
  const guardedRoutes = builtRoutes().filter((route) => /^\/admin\/|\/receipts\//.test(route));
  expect(guardedRoutes.length).toBeGreaterThan(6);
  const known = [theo, otto, mona, olga, ada].map(({ person }) => person);
  let shown = 0;
  for (const route of guardedRoutes) {
    const path = route.replaceAll(/\[[^\]]+\]/g, (part) => must(parts[part]));
    for (const who of everybody)
      for (const manner of manners) {
        const head = [...manner, `Cookie: ${must(arena.cookieOf(who))}`];
        const answer = await arena.answered("pages of administration by role", { path, head });
        arena.expectHarmless(answer, who === "ada" || who === "olga" ? "ada" : who);
        const others = known.filter(({ id }) => id !== arena.cast[who].person.id);
        const told = others.filter(
          ({ email, name }) => answer.text.includes(email) || answer.text.includes(name),
        );
        const mayRead = who === "ada" || (who === "olga" && /^\/admin\/(audit|overview)/.test(route));
        if (mayRead) shown += told.length;
        else expect(told, `${path} by ${who} ${manner.join()}`).toEqual([]);
      }
  }
  // The same words are looked for where they are to be found.
  expect(shown).toBeGreaterThan(0);
});
