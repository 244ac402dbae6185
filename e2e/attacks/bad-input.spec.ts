import fc from "fast-check";
import { Installation } from "../fixtures/installation";
import { expect, test } from "../fixtures/test";
import { must, required } from "../fixtures/world";
import { brokenBodies, brokenEnvelope, brokenHeads, brokenRequests, brokenSignIns } from "./bad-requests";
import { builtActions, builtRoutes } from "./build-output";
import { actionRequest } from "./caller";
import { type Cast, type Example, openCast } from "./examples";
import { faulty } from "./faults";
import { stateOf } from "./state";
import { type Answer, type Sent, send } from "./wire";

/*
 * Whatever comes in over HTTP is answered: in data or with a 4xx, never with a 500, a stack trace or what belongs to
 * others, and it changes nothing (threats.md 24). On an app and a database of its own, whose every table and whose
 * log can be watched. fast-check prints the seed and the smallest request that failed.
 */
// Minutes, since a busy machine must not make it fail: a request that hangs fails by itself.
test.describe.configure({ mode: "serial", timeout: 900_000 });

let app: Installation;
let cast: Cast;
let requests = 0;

test.beforeAll(async () => {
  app = await Installation.open();
  cast = await openCast(app.world, app.url);
});
test.afterAll(async () => {
  await app?.stop();
  console.log(`${requests} requests, ${builtActions().length} actions, ${builtRoutes().length} routes`);
});

test("every action of the build has an example here", () => {
  expect(Object.keys(cast.examples).sort()).toEqual(
    builtActions()
      .map(({ name }) => name)
      .sort(),
  );
});

test("every action refuses an input with one fault, signed in and not", async () => {
  await changesNothing(async () => {
    for (const [action, example] of Object.entries(cast.examples)) {
      const faults = faulty(example.input, { foreign: cast.foreign, ...optionalOf(example) });
      await everybody((who) =>
        holds(`${action} by ${who}`, who === example.by ? 16 : 4, faults, async (input) => {
          expectRefusal(action, await answered(callOf(who, action, input)), who);
        }),
      );
    }
  });
});

test("every action refuses what is no call", async () => {
  await changesNothing(async () => {
    for (const { id, name } of builtActions()) {
      const { cookie, person } = cast.theo;
      await holds(`${name}: bodies`, 8, brokenBodies(person.id), async (body) => {
        expectRefusal(name, await answered(actionRequest(app.url, name, body, cookie)), "theo");
      });
      await holds(`${name}: envelopes`, 4, brokenEnvelope, async (wrong) => {
        const envelope = { input: {}, callId: crypto.randomUUID(), person: person.id, ...wrong };
        const body = JSON.stringify([envelope]);
        expectRefusal(name, await answered(actionRequest(app.url, name, body, cookie)), "theo");
      });
      await holds(`${name}: heads`, 6, brokenHeads(id, app.url), async (sent) => {
        const head = [...(sent.head ?? []), `Cookie: ${cookie}`];
        const answer = await answered({ ...sent, head });
        expectHarmless(answer, "theo");
        if (answer.text.includes('"status":"done"')) throw new Error("was done");
      });
    }
  });
});

test("every page and route answers whatever is asked", async () => {
  // Without the contract that Theo may open: its opening is a row.
  const ids = [cast.acme.id, ...cast.foreign];
  await changesNothing(async () => {
    for (const route of builtRoutes()) {
      await everybody((who) => {
        const cookie = who === "nobody" ? "" : cast[who].cookie;
        const sent = brokenRequests(route, ids, app.url, [cookie]);
        return holds(`${route} by ${who}`, who === "theo" ? 16 : 8, sent, async (one) => {
          const answer = await answered(one);
          expectHarmless(answer, who);
          const redirect = /\r\nlocation: (\S+)/i.exec(answer.head)?.[1];
          if (redirect && new URL(redirect, app.url).origin !== app.url)
            throw new Error(`leads to ${redirect}`);
        });
      });
    }
  });
});

test("the sign-in answers whatever is posted", async () => {
  const form = await answered({ path: "/api/auth/csrf" });
  const token = (JSON.parse(form.text) as { csrfToken: string }).csrfToken;
  const cookie = [...form.head.matchAll(/set-cookie: ([^;]+)/gi)].map(([, one]) => one).join("; ");
  await changesNothing(() =>
    holds("sign-in", 60, brokenSignIns({ token, cookie }, app.url), async (sent) => {
      const answer = await answered(sent);
      expectHarmless(answer, "nobody");
      if (/set-cookie: keyturn\.session=[^;]/i.test(answer.head)) throw new Error("signed in");
    }),
  );
});

test("the examples are right calls: each gets as far as its action lets it", async () => {
  for (const [action, { by, input, answer }] of Object.entries(cast.examples)) {
    const { text } = await answered(callOf(by, action, input));
    expect(text, action).toContain(`"status":"${answer}"`);
  }
});

/** Runs a property over so many cases; a failure names what it was about. */
async function holds<T>(
  about: string,
  cases: number,
  values: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
) {
  try {
    await fc.assert(fc.asyncProperty(values, check), { numRuns: cases, endOnFailure: true });
  } catch (error) {
    throw new Error(about, { cause: error });
  }
}

/** Side by side: one waits while another one's request is made up. */
async function everybody(attack: (who: Example["by"]) => Promise<void>): Promise<void> {
  await Promise.all((["theo", "ada", "nobody"] as const).map(attack));
}

async function changesNothing(attack: () => Promise<void>): Promise<void> {
  const before = await stateOf(app.world);
  const log = app.log.length;
  await attack();
  expect(await stateOf(app.world)).toEqual(before);
  // Nothing was refused by running into an error, either. Next tells of actions that it doesn't have in plain words.
  const told = app.log.slice(log).join("").split("\n");
  expect(told.filter((line) => /"level":"error"|unhandled|uncaught/i.test(line))).toEqual([]);
}

function callOf(who: Example["by"], action: string, input: unknown): Sent {
  // What needs no session takes no envelope either.
  if (cast.examples[action]?.by === "nobody") return actionRequest(app.url, action, JSON.stringify([input]));
  if (who !== "nobody") return cast[who].call(action, input);
  const envelope = { input, callId: crypto.randomUUID(), person: cast.theo.person.id };
  return actionRequest(app.url, action, JSON.stringify([envelope]));
}

/** Sends it, and goes along where Next wants a flight request to say so in its address. */
async function answered(sent: Sent): Promise<Answer> {
  requests += 1;
  const answer = await send(app.url, sent);
  const next = /\r\nlocation: (\S*_rsc=\S+)/i.exec(answer.head)?.[1];
  if (answer.status !== 307 || !next || sent.path.includes("_rsc=")) return answer;
  const { pathname, search } = new URL(next, app.url);
  return answered({ ...sent, path: pathname + search });
}

/** A wrong code is an answer there, and counted: a refusal would roll the count back. */
const answersWrongCodes: Record<string, string> = {
  confirmMailedCode: '"confirmed":false',
  confirmTrial: '"came":false',
};

const refusals = ["invalid", "forbidden", "signed-out", "conflict", "step-up-required"];

function expectRefusal(action: string, answer: Answer, who: Example["by"]): void {
  expectHarmless(answer, who);
  if (answer.status >= 400) return;
  const status = /"status":"([a-z-]+)"/.exec(answer.text)?.[1] ?? "none";
  const wrong = answersWrongCodes[action];
  if (wrong && answer.text.includes(wrong)) return;
  if (!refusals.includes(status)) throw new Error(`answered with the status ${status}`);
}

/** A stack, a statement, a path of the build, a hash: nothing that an answer tells on purpose. */
const inside = /Failed query|node_modules|\.next\/server|\n\s+at .+:\d+:\d+|\$argon2|"status":"failed"/;
/** A page that failed after its answer had begun says so in a row of its own. */
const failedRow = /:E\{"digest":"(?!NEXT_)|data-dgst="(?!NEXT_)/;

/**
 * Answered at all, by no fault of the server's, and with nothing in it that isn't the caller's. Throws by itself: a
 * step of the report for each of these many thousand checks would cost more than the requests.
 */
function expectHarmless({ status, head, text }: Answer, who: Example["by"]): void {
  if (status < 100 || status >= 500) throw new Error(`answered ${status}: ${text.slice(0, 300)}`);
  const whole = decoded(head + text);
  const told = inside.exec(whole) ?? failedRow.exec(whole);
  if (told) throw new Error(`told ${whole.slice(Math.max(0, told.index - 100), told.index + 300)}`);
  for (const secret of secretsFrom(who)) if (whole.includes(secret)) throw new Error(`told ${secret}`);
}

function secretsFrom(who: Example["by"]): string[] {
  const never = ["NEXTAUTH_SECRET", "KEYTURN_ENCRYPTION_KEYS", "KEYTURN_AUDIT_KEY"].map(required);
  const seeds = [must(cast.theo.person.seed), must(cast.ada.person.seed)];
  const hidden = [cast.other.name, ...(who === "theo" ? [] : [cast.acme.name])];
  return [...never, ...seeds, ...hidden];
}

function decoded(text: string): string {
  return `${text}\n${text.replaceAll(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)))}`;
}

function optionalOf({ optional }: Example): { optional?: string[] } {
  return optional ? { optional } : {};
}
