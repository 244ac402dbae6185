import { expect, test } from "../fixtures/test";
import { Arena, holds, statusOf, type Who } from "./arena";
import { brokenBodies, brokenEnvelope, brokenHeads, brokenRequests, brokenSignIns } from "./bad-requests";
import { builtActions, builtRoutes } from "./build-output";
import { actionRequest } from "./caller";
import type { Example } from "./examples";
import { type Fault, faulty } from "./faults";
import type { Answer } from "./wire";

/*
 * Whatever comes in over HTTP is answered: in data or with a 4xx, never with a 500, a stack trace or what belongs to
 * others, and it changes nothing (threats.md 24). fast-check prints the seed and the smallest request that failed.
 */
// Minutes, since a busy machine must not make it fail: a request that hangs fails by itself.
test.describe.configure({ mode: "serial", timeout: 900_000 });

let arena: Arena;

test.beforeAll(async () => {
  arena = await Arena.open();
});
test.afterAll(() => arena?.close("bad-input"));

test("every action of the build has an example here", () => {
  const built = builtActions().map(({ name }) => name);
  expect(Object.keys(arena.cast.examples).sort()).toEqual(built.sort());
});

test("every action refuses an input with one fault, signed in and not", async () => {
  const { cast } = arena;
  await arena.changesNothing(async () => {
    for (const [action, example] of Object.entries(cast.examples)) {
      const faults = faulty(example.input, { foreign: cast.foreign, ...optionalOf(example) });
      await everybody((who) =>
        holds(`${action} by ${who}`, who === example.by ? 16 : 4, faults, async ([input, fault]) => {
          const answer = await arena.answered("inputs with one fault", arena.callOf(who, action, input));
          expectRefusal(action, fault, answer, who);
        }),
      );
    }
  });
});

test("every action refuses what is no call", async () => {
  const { theo } = arena.cast;
  await arena.changesNothing(async () => {
    for (const { name } of builtActions()) {
      const { cookie, person } = theo;
      const refuses = async (kind: string, body: string | Buffer) => {
        const answer = await arena.answered(kind, actionRequest(arena.app.url, name, body, cookie));
        arena.expectHarmless(answer, "theo");
        if (answer.status < 400 && !/"status":"(invalid|signed-out)"/.test(answer.text))
          throw new Error(`answered ${answer.text.slice(0, 300)}`);
      };
      await holds(`${name}: bodies`, 8, brokenBodies(person.id), (body) =>
        refuses("bodies that are no call", body),
      );
      await holds(`${name}: envelopes`, 4, brokenEnvelope, (wrong) => {
        const envelope = { input: {}, callId: crypto.randomUUID(), person: person.id, ...wrong };
        return refuses("envelopes with one fault", JSON.stringify([envelope]));
      });
    }
  });
});

test("a right call under a head that is none of ours runs nothing", async () => {
  await arena.changesNothing(async () => {
    for (const { id, name } of builtActions()) {
      const { by, input } = arena.cast.examples[name] as Example;
      const { body = "" } = arena.callOf(by, name, input);
      const cookie = arena.cookieOf(by);
      for (const { path, ...sent } of brokenHeads(id, arena.app.url, String(body))) {
        const head = [...(sent.head ?? []), ...(cookie ? [`Cookie: ${cookie}`] : [])];
        const answer = await arena.answered("right calls under a wrong head", { ...sent, path, head });
        arena.expectHarmless(answer, by);
        if (answer.status < 400 && !/"status":"(forbidden|invalid)"/.test(answer.text))
          throw new Error(
            `${name}: ${JSON.stringify(sent.head)} was answered ${answer.status} ${answer.text.slice(0, 200)}`,
          );
      }
    }
  });
});

test("every page and route answers whatever is asked", async () => {
  // Without the contract that Theo may open: its opening is a row.
  const { cast, app } = arena;
  const ids = [cast.acme.id, ...cast.foreign];
  await arena.changesNothing(async () => {
    for (const route of builtRoutes()) {
      await everybody((who) => {
        const sent = brokenRequests(route, ids, app.url, [arena.cookieOf(who) ?? ""]);
        // Those with lists to search and page through have more that can be wrong in their address.
        const more = route.startsWith("/admin/") && who !== "nobody" ? 2 : 1;
        return holds(`${route} by ${who}`, (who === "theo" ? 16 : 8) * more, sent, async (one) => {
          const answer = await arena.answered("pages and routes", one);
          arena.expectHarmless(answer, who);
          const redirect = /\r\nlocation: (\S+)/i.exec(answer.head)?.[1];
          if (redirect && new URL(redirect, app.url).origin !== app.url)
            throw new Error(`leads to ${redirect}`);
        });
      });
    }
  });
});

test("the sign-in answers whatever is posted", async () => {
  const form = await arena.answered("sign-ins", { path: "/api/auth/csrf" });
  const token = (JSON.parse(form.text) as { csrfToken: string }).csrfToken;
  const cookie = [...form.head.matchAll(/set-cookie: ([^;]+)/gi)].map(([, one]) => one).join("; ");
  await arena.changesNothing(() =>
    holds("sign-in", 60, brokenSignIns({ token, cookie }, arena.app.url), async (sent) => {
      const answer = await arena.answered("sign-ins", sent);
      arena.expectHarmless(answer, "nobody");
      if (/set-cookie: keyturn\.session=[^;]/i.test(answer.head)) throw new Error("signed in");
    }),
  );
});

test("the examples are right calls: each gets as far as its action lets it", async () => {
  for (const [action, { by, input, answer }] of Object.entries(arena.cast.examples)) {
    // Only a session that waits finishes its sign-in: races-people.spec.ts has five.
    if (action === "finishSignIn") continue;
    const { text } = await arena.answered("right calls", arena.callOf(by, action, input));
    expect(text, action).toContain(`"status":"${answer}"`);
  }
});

/** Side by side: one waits while another one's request is made up. */
async function everybody(attack: (who: Who) => Promise<void>): Promise<void> {
  await Promise.all((["theo", "ada", "olga", "nobody"] as const).map(attack));
}

/** A wrong code is an answer there, and counted: a refusal would roll the count back. */
const answersWrongCodes: Record<string, string> = {
  confirmMailedCode: '"confirmed":false',
  confirmTrial: '"came":false',
};

/**
 * What has the wrong form is invalid, whoever sends it; another's record is not there; and who has no session hears
 * that first. A prompt is no refusal: it would mean that the fault was taken for something to confirm.
 */
const refusals: Record<Fault, string[]> = {
  form: ["invalid"],
  // A link's or a prompt's token may be any text, and is then none.
  text: ["invalid", "forbidden"],
  number: ["invalid", "conflict", "forbidden"],
  foreign: ["invalid", "forbidden"],
};

/** Beyond those: the current password may be any text, which is compared once the proof is there. */
const takesAnyText: Record<string, string> = { changePassword: "step-up-required" };

function expectRefusal(action: string, fault: Fault, answer: Answer, who: Who): void {
  arena.expectHarmless(answer, who);
  if (answer.status >= 400) return;
  const status = statusOf(answer);
  const wrong = answersWrongCodes[action];
  if (wrong && answer.text.includes(wrong)) return;
  const needsSession = arena.cast.examples[action]?.by !== "nobody";
  const right = who === "nobody" && needsSession ? ["signed-out"] : refusals[fault];
  if (status === takesAnyText[action]) return;
  // Everybody is an administrator's business: another person's id is a right one, and asks for a proof.
  if (fault === "foreign" && who === "ada" && status === "step-up-required") return;
  if (!right.includes(status)) throw new Error(`answered a ${fault} fault with the status ${status}`);
}

function optionalOf({ optional }: Example): { optional?: string[] } {
  return optional ? { optional } : {};
}
