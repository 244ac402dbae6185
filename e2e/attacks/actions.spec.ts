import { expect, test } from "../fixtures/test";
import { must, required, secretWords } from "../fixtures/world";
import { builtActions, builtPages } from "./build-output";

/** Acts of people who aren't signed in, by what each answers to a caller with nothing in hand. */
const publicActions = new Set([
  "requestReset",
  "completeReset",
  "notMe",
  "lookAtNotMe",
  "confirmEmail",
  "lookAtInvitation",
  "acceptInvitation",
  "lookAtSetUp",
]);

const envelope = (person: string, input: unknown = {}) =>
  JSON.stringify([{ input, callId: crypto.randomUUID(), person }]);

/** Calls an action as the browser would, to read the flight body: its status says nothing. */
async function callAction(id: string, body: string, headers: Record<string, string> = {}) {
  const base = required("KEYTURN_E2E_URL");
  const response = await fetch(`${base}/sign-in`, {
    method: "POST",
    headers: {
      "Next-Action": id,
      "Content-Type": "text/plain;charset=UTF-8",
      Accept: "text/x-component",
      Origin: base,
      ...headers,
    },
    body,
    redirect: "manual",
  });
  return { status: response.status, body: await response.text() };
}

test("every action of the build refuses a caller without a session, and tells nothing", async () => {
  const actions = builtActions();
  expect(actions.length).toBeGreaterThanOrEqual(12);
  for (const { id, name } of actions) {
    const { body } = await callAction(id, envelope(crypto.randomUUID()));
    // What needs no session takes no envelope either: its input is a token or an address, and strict.
    const refusal = publicActions.has(name) ? "invalid" : "signed-out";
    expect(body, name).toContain(`"status":"${refusal}"`);
    expect(body, name).not.toContain('"status":"done"');
    expect(body, name).not.toContain(secretWords.clause);
  }
});

test("every action refuses what is no call at all, in data", async () => {
  for (const { id, name } of builtActions()) {
    for (const body of ["[]", "[null]", '[{"input":{}}]', '[{"input":{},"callId":"x","person":"y"}]']) {
      const answer = await callAction(id, body);
      expect(answer.body, `${name} ${body}`).toMatch(/"status":"(invalid|signed-out)"/);
      expect(answer.status, name).toBeLessThan(500);
    }
  }
});

test("what comes by a link answers a token that is none with a refusal, and a reset the same to everybody", async ({
  world,
}) => {
  const garbage = ["", "x", "x".repeat(43), "0".repeat(128)];
  const inputs: Record<string, (token: string) => unknown> = {
    completeReset: (token) => ({ token, password: "seven bridges over the Pregel" }),
    notMe: (token) => ({ token }),
    lookAtNotMe: (token) => ({ token }),
    confirmEmail: (token) => ({ token }),
  };
  const ids = new Map(builtActions().map(({ id, name }) => [name, id]));
  for (const [name, input] of Object.entries(inputs)) {
    for (const token of garbage) {
      const { body } = await callAction(must(ids.get(name)), JSON.stringify([input(token)]));
      expect(body, `${name} ${token}`).toContain('"status":"invalid"');
    }
  }
  const { email } = await world.person();
  const answers: string[] = [];
  for (const asked of [email, `nobody-${crypto.randomUUID()}@test.example`]) {
    const { body } = await callAction(must(ids.get("requestReset")), JSON.stringify([{ email: asked }]));
    answers.push(must(/"status":"done"[^\n]*/.exec(body))[0]);
  }
  expect(answers[0]).toBe(answers[1]);
});

test("a forged form post runs no action", async () => {
  const base = required("KEYTURN_E2E_URL");
  for (const { id } of builtActions()) {
    const form = new FormData();
    form.set(`$ACTION_ID_${id}`, "");
    const response = await fetch(`${base}/sign-in`, {
      method: "POST",
      body: form,
      headers: { Origin: base },
    });
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).not.toContain('"status":"done"');
  }
});

test("another site's call, and one without an origin, run nothing", async () => {
  const { id } = must(builtActions()[0]);
  const base = required("KEYTURN_E2E_URL");
  const foreign = await callAction(id, envelope(crypto.randomUUID()), { Origin: "https://evil.example" });
  expect(foreign.status).toBe(403);
  const response = await fetch(`${base}/sign-in`, {
    method: "POST",
    headers: { "Next-Action": id, "Content-Type": "text/plain;charset=UTF-8" },
    body: envelope(crypto.randomUUID()),
  });
  expect(await response.text()).toMatch(/"status":"forbidden"|another site/);
});

test("an action that sets the cookie is in every page's worker, or Next would drop the cookie", async () => {
  const pages = builtPages();
  expect(pages.length).toBeGreaterThan(15);
  for (const { name, workers } of builtActions()) {
    expect(workers, name).toEqual(expect.arrayContaining(pages));
  }
});

test("next-auth's other routes are not there", async () => {
  const base = required("KEYTURN_E2E_URL");
  for (const path of ["session", "providers", "signin", "signout", "error", "callback/other", "_log"]) {
    expect((await fetch(`${base}/api/auth/${path}`)).status, path).toBe(404);
    expect(
      (await fetch(`${base}/api/auth/${path}`, { method: "POST", headers: { Origin: base } })).status,
      path,
    ).toBe(404);
  }
});

test("every HTML answer has the headers of a page that nobody frames, sniffs or keeps", async () => {
  const base = required("KEYTURN_E2E_URL");
  const nonces = new Set<string>();
  for (const path of ["/sign-in", "/invitation", "/customers", "/nowhere", "/settings/security"]) {
    const { headers } = await fetch(base + path, { redirect: "manual" });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy, path).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'(;| )/);
    expect(policy, path).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy, path).toContain("frame-ancestors 'none'");
    nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? "");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).toBe("same-origin");
    expect(headers.get("cross-origin-opener-policy"), path).toBe("same-origin");
    expect(headers.get("cache-control"), path).toContain("no-store");
  }
  expect(nonces.size).toBe(5);
});
