import { request as httpRequest } from "node:http";
import type { APIRequestContext, Page } from "@playwright/test";
import { newSecret } from "@/lib/session/secret";
import { writeSessionCookie } from "@/lib/session/session-cookie";
import { Installation } from "../fixtures/installation";
import { expect, test } from "../fixtures/test";
import type { User } from "../fixtures/user";
import { type MadeCustomer, must, required } from "../fixtures/world";
import { builtRoutes } from "./build-output";

/*
 * What the browser is told with every answer (threats.md 22, 24, 25): crawled from the build's own list of routes, so
 * that a new one can't be forgotten.
 */

const base = () => required("KEYTURN_E2E_URL");

/** Every address of the build; those of records are one that exists. */
function routes(customer: MadeCustomer): string[] {
  const parts: Record<string, string> = {
    "[customerId]": customer.id,
    "[contractId]": customer.contractId,
    // Nobody's: what an administrator sees of somebody is read in people.spec.ts.
    "[personId]": "00000000-0000-4000-8000-000000000000",
    // Of no change: what a receipt's answer carries is read in receipt.spec.ts.
    "[eventId]": "00000000-0000-4000-8000-000000000000",
    "[...nextauth]": "csrf",
  };
  return builtRoutes().map((route) => route.replace(/\[[^\]]+\]/g, (part) => must(parts[part])));
}

/** What no route is made for. */
const nowhere = [
  "/nowhere",
  "/customers/nowhere",
  "/customers/00000000-0000-4000-8000-000000000000",
  "/settings/security/x",
  "/api/nowhere",
  "/api/auth/session",
  "/_next/static/chunks/nowhere.js",
  "/_next/static/../../customers",
  "/_next/image?url=%2Ficon.svg&w=64&q=75",
  "/_next/data/x/customers.json",
  "/%E0%A4%A",
  "/customers%2f..%2fsign-in",
  "/sign-in?callbackUrl=https://evil.example/",
  "//evil.example/",
];

/** How a browser and Next's client ask for the same address. */
const manners: Record<string, Record<string, string>> = {
  document: { accept: "text/html" },
  navigation: { rsc: "1" },
  prefetch: { rsc: "1", "next-router-prefetch": "1" },
  "prefetch of a part": {
    rsc: "1",
    "next-router-prefetch": "1",
    "next-router-segment-prefetch": "/_tree",
  },
};

type Answer = { about: string; status: number; headers: Record<string, string>; body: string };

async function get(request: APIRequestContext, path: string, manner: string): Promise<Answer> {
  const answer = await request.get(base() + path, { headers: manners[manner] ?? {}, maxRedirects: 0 });
  return {
    about: `${manner} of ${path}`,
    status: answer.status(),
    headers: answer.headers(),
    body: await answer.text(),
  };
}

/** Checks one answer for everything; gives its nonce, where it has one. */
function holds({ about, status, headers, body }: Answer): string | null {
  const policy = headers["content-security-policy"] ?? "";
  expect(status, about).toBeLessThan(500);
  expect(policy, about).toMatch(/frame-ancestors 'none'/);
  expect(policy, about).toMatch(/base-uri 'none'/);
  expect(policy, about).not.toMatch(/unsafe-eval|(?<!style-src-attr )'unsafe-inline'|https?:|\*/);
  expect(headers, about).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": expect.stringMatching(/publickey-credentials-get=\(self\).*camera=\(\)/),
  });
  // This server speaks plain http, where the promise of TLS means nothing (RFC 6797 § 7.2).
  expect(headers["strict-transport-security"], about).toBeUndefined();
  expect(headers["x-powered-by"], about).toBeUndefined();
  if (!/ of \/(icon\.svg|_next\/static\/chunks\/)/.test(about))
    expect(headers["cache-control"], about).toMatch(/no-store/);
  const nonce = /script-src 'self' 'nonce-([^']+)' 'strict-dynamic';/.exec(policy)?.[1] ?? null;
  if (nonce === null) {
    expect(policy, about).toMatch(/^default-src 'none'; /);
    expect(headers["content-type"] ?? "", about).not.toContain("html");
    return null;
  }
  expect(policy, about).toContain("require-trusted-types-for 'script'; trusted-types default");
  for (const [tag] of body.matchAll(/<(script|style)\b[^>]*>/g))
    if (headers["content-type"]?.includes("html")) expect(tag, about).toContain(`nonce="${nonce}"`);
  return nonce;
}

async function crawl(request: APIRequestContext, paths: string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const path of paths)
    for (const manner of Object.keys(manners)) answers.push(await get(request, path, manner));
  const nonces = answers.map(holds).filter((nonce) => nonce !== null);
  expect(nonces.length).toBeGreaterThan(answers.length / 2);
  expect(new Set(nonces).size).toBe(nonces.length);
  return answers;
}

test("every answer to somebody who isn't signed in carries all of it", async ({ world, request }) => {
  const acme = await world.customer(await world.team());
  const answers = await crawl(request, [...routes(acme), ...nowhere]);
  for (const { about, headers, body } of answers) {
    expect(body, about).not.toContain(acme.name);
    expect(new URL(headers.location ?? "/", base()).origin, about).toBe(base());
  }
});

test("every answer to somebody who is signed in carries all of it", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  const answers = await crawl(theo.page.request, [...routes(acme), ...nowhere]);
  const customer = answers.find(({ about }) => about === `document of /customers/${acme.id}`);
  expect([customer?.status, customer?.body.includes(acme.name)]).toEqual([200, true]);
  for (const { about, headers } of answers)
    expect(headers["clear-site-data"], `a session that holds: ${about}`).toBeUndefined();
});

/** A request as no well-behaved client sends it. */
function raw(
  method: string,
  headers: Record<string, string>,
  body = "",
  path = "/customers",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(base());
    const request = httpRequest(
      { hostname, port, path, method, headers: { host, ...headers } },
      (response) => {
        let text = "";
        response.on("data", (part) => (text += part));
        response.on("end", () => {
          const answered = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
          resolve({
            about: `${method} ${path} ${JSON.stringify(headers)}`,
            status: must(response.statusCode),
            headers: Object.fromEntries(answered),
            body: text,
          });
        });
      },
    );
    request.on("error", reject).end(body);
  });
}

test("so do refusals, of requests that no browser of ours sends", async () => {
  const action = { "next-action": `40${"a".repeat(40)}`, origin: base() };
  const text = { "content-type": "text/plain;charset=UTF-8" };
  const answers = [
    await raw("GET", { host: "evil.example" }),
    await raw("GET", { host: `127.0.0.1:${new URL(base()).port}` }),
    await raw("DELETE", {}),
    await raw("POST", { ...action, ...text, origin: "https://evil.example" }, "[]"),
    await raw("POST", { ...action, ...text }, "{broken"),
    await raw("POST", { ...action, ...text }, "[]"),
    await raw("POST", { ...action, ...text }, "[]", "/nowhere"),
    await raw("POST", { ...action, ...text }, JSON.stringify(["x".repeat(1_100_000)])),
    await raw("POST", { ...action, "content-type": "multipart/form-data; boundary=X" }, "--X--"),
    await raw("HEAD", {}),
    await raw("GET", { "x-middleware-subrequest": "middleware", "next-resume": "1", "x-nonce": "mine" }),
    await raw("GET", { "content-security-policy": "script-src 'nonce-mine'" }),
  ];
  expect(answers.slice(0, 5).map(({ status }) => status)).toEqual([421, 307, 405, 403, 400]);
  const nonces = answers.map(holds);
  expect(nonces).not.toContain("mine");
  expect(new Set(nonces).size).toBe(answers.length);
});

test("the build's files may be kept, and are no documents", async ({ request }) => {
  const page = await (await request.get(`${base()}/sign-in`)).text();
  const files = [
    ...new Set([...page.matchAll(/"(\/_next\/static\/[^"\\]+)"/g)].map(([, file]) => must(file))),
  ];
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const headers = (await request.get(base() + file)).headers();
    expect(headers["cache-control"], file).toBe("public, max-age=31536000, immutable");
    expect(headers["content-security-policy"], file).toMatch(/^default-src 'none'; /);
    expect(headers["x-content-type-options"], file).toBe("nosniff");
    expect(headers["cross-origin-resource-policy"], file).toBe("same-origin");
  }
});

/** What the sink answers in the page's own world, later than Playwright's call, during which the browser lets eval pass. */
function tries(page: Page, sink: string): Promise<string> {
  return page.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        const sinks: Record<string, () => unknown> = {
          "element.innerHTML": () => Object.assign(document.createElement("div"), { innerHTML: "<b>x</b>" }),
          "a script in innerHTML": () =>
            Object.assign(document.createElement("div"), { innerHTML: "<script>alert(1)</script>" }),
          "iframe.srcdoc": () => Object.assign(document.createElement("iframe"), { srcdoc: "<b>x</b>" }),
          "document.write": () => document.write("<b>x</b>"),
          "a parser": () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
          "script.text": () => Object.assign(document.createElement("script"), { text: "1" }),
          "script.src of another site": () =>
            Object.assign(document.createElement("script"), {
              src: "https://evil.example/_next/static/x.js",
            }),
          "script.src of another path": () =>
            Object.assign(document.createElement("script"), { src: "/_next/static/../../customers/x.js" }),
          "script.src of another path, disguised": () =>
            Object.assign(document.createElement("script"), { src: "/_next/static/%2e%2e/%2e%2e/x.js" }),
          "script.src of no script": () =>
            Object.assign(document.createElement("script"), { src: "/_next/static/media/x.svg" }),
          "script.src as data": () => Object.assign(document.createElement("script"), { src: "data:,1" }),
          "a worker": () => new Worker("/customers"),
          // biome-ignore lint/security/noGlobalEval: it must throw.
          eval: () => Reflect.apply(eval, window, ["1"]),
          "new Function": () => new Function("1")(),
          "setTimeout of text": () => Reflect.apply(setTimeout, window, ["1"]),
          "another policy": () => Reflect.get(window, "trustedTypes").createPolicy("mine", {}),
          "the default policy again": () => Reflect.get(window, "trustedTypes").createPolicy("default", {}),
          "script.src of the build": () =>
            Object.assign(document.createElement("script"), { src: "/_next/static/chunks/x.js" }),
        };
        setTimeout(() => {
          try {
            sinks[name]?.();
            resolve("took it");
          } catch (error) {
            resolve((error as Error).name);
          }
        });
      }),
    sink,
  );
}

test("a string becomes code nowhere, save the build's own scripts", async ({ browser }) => {
  const context = await browser.newContext({ baseURL: base() });
  const page = await context.newPage();
  await page.goto("/sign-in");
  // The policy is there once the page is alive.
  await page.getByLabel("Email").fill("theo@test.example");
  expect(await tries(page, "script.src of the build")).toBe("took it");
  for (const sink of [
    "element.innerHTML",
    "a script in innerHTML",
    "iframe.srcdoc",
    "document.write",
    "a parser",
    "script.text",
    "script.src of another site",
    "script.src of another path",
    "script.src of another path, disguised",
    "script.src of no script",
    "script.src as data",
    "a worker",
    "eval",
    "new Function",
    "setTimeout of text",
    "another policy",
    "the default policy again",
  ])
    expect([sink, await tries(page, sink)]).toEqual([sink, expect.stringMatching(/^(Type|Eval)Error$/)]);
  await context.close();
});

test("the browser lends the page nothing but passkeys and the clipboard", async ({ request, browser }) => {
  const policy = must((await request.get(`${base()}/sign-in`)).headers()["permissions-policy"]);
  const features = [...policy.matchAll(/([\w-]+)=\((self)?\)/g)];
  const context = await browser.newContext({ baseURL: base() });
  const page = await context.newPage();
  await page.goto("/sign-in");
  const allowed = await page.evaluate(() =>
    (
      document as unknown as { featurePolicy: { allowedFeatures(): string[] } }
    ).featurePolicy.allowedFeatures(),
  );
  const kept = features.filter(([, name]) => allowed.includes(must(name))).map(([, name]) => name);
  expect(kept).toEqual(["publickey-credentials-get", "publickey-credentials-create", "clipboard-write"]);
  expect(features.length).toBeGreaterThan(30);
  await context.close();
});

for (const role of ["administrator", "auditor"] as const)
  test(`every answer to an ${role} carries all of it, and no page of theirs breaks its policy`, async ({
    world,
    at,
  }) => {
    const ada = await at(await world.person({ name: "Ada Test", role, teamId: null, app: true }));
    await ada.signsIn();
    const acme = await world.customer(await world.team());
    // Her own row of the log, and her own page among the people.
    const [row] = await world.auditOf(ada.person.id);
    const own: Record<string, string> = { "[eventId]": must(row).id, "[personId]": ada.person.id };
    const paths = builtRoutes()
      .filter((route) => route.startsWith("/admin/"))
      .map((route) => route.replace(/\[[^\]]+\]/g, (part) => must(own[part])));
    const answers = await crawl(ada.page.request, paths);
    const open = answers.filter(({ about, status }) => about.startsWith("document") && status === 200);
    expect(open.length).toBeGreaterThanOrEqual(role === "auditor" ? 3 : 6);
    for (const { body, about } of answers) expect(body, about).not.toContain(acme.name);
    // What is a file opens no page.
    for (const path of paths.filter((one) => !/\/(export|head|receipt)$/.test(one))) {
      await ada.page.goto(path);
      await ada.page.waitForLoadState("load");
    }
  });

test("no page of the build breaks its own policy", async ({ theoAndAcme }) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  for (const path of [...routes(acme).filter((route) => !route.startsWith("/api/")), "/nowhere"]) {
    await theo.page.goto(path);
    await theo.page.waitForLoadState("load");
  }
  await walksAround(theo, acme);
});

/** By the client's router, which loads what a page needs when it comes there. */
async function walksAround(theo: User, acme: MadeCustomer): Promise<void> {
  await theo.page.goto("/customers");
  await theo.page.getByRole("link", { name: acme.name }).click();
  await theo.clicksEdit();
  await theo.confirmsWithCode();
  await expect(theo.form).toBeVisible();
  await theo.menu.click();
  await theo.page.getByRole("menuitem", { name: /Security/ }).click();
  await theo.page.waitForURL("**/settings/security");
}

test("nor does an enrolment with its QR code", async ({ world, at }) => {
  const erin = await at(await world.person({ name: "Erin Test" }));
  const acme = await world.customer(must(erin.person.teamId));
  await erin.signsIn();
  await erin.opens(acme);
  await erin.clicksEdit();
  await erin.startsEnrolment();
  await erin.enrolment.getByRole("button", { name: "Set up an authenticator app" }).click();
  await expect(erin.enrolment.getByAltText("QR code of the setup key")).toBeVisible();
});

test("signing out, and finding oneself signed out, clears what the browser kept", async ({
  world,
  theoAndAcme,
}) => {
  const { theo, acme } = await theoAndAcme();
  await theo.signsIn();
  const kept = () => theo.page.evaluate(() => localStorage.getItem("kept"));
  await theo.page.evaluate(() => localStorage.setItem("kept", "yes"));
  await theo.opens(acme);
  expect(await kept()).toBe("yes");
  const answer = theo.page.waitForResponse((one) => one.request().method() === "POST");
  await theo.signsOut();
  expect(await (await answer).headerValue("clear-site-data")).toBe('"cache", "storage"');
  expect(await kept()).toBeNull();
  const device = (await theo.page.context().cookies()).filter(({ name }) => name.endsWith("keyturn.device"));
  expect(device).toHaveLength(1);

  await theo.signsIn();
  await theo.page.evaluate(() => localStorage.setItem("kept", "yes"));
  await world.endsSessions(theo.person.id);
  await theo.page.goto(`/customers/${acme.id}`);
  await theo.page.waitForURL("**/sign-in**");
  expect(await kept()).toBeNull();
});

/** A cookie that this server would have made, so that its session is looked for in the database. */
function someCookie(): Promise<string> {
  const cookie = { sessionId: crypto.randomUUID(), secret: newSecret() };
  return writeSessionCookie(cookie, required("NEXTAUTH_SECRET"));
}

test("a page that fails says so under the same policy, and comes back by itself", async ({ browser }) => {
  // It starts an installation of its own.
  test.setTimeout(240_000);
  const installation = await Installation.open();
  const problems: string[] = [];
  try {
    const context = await browser.newContext({ baseURL: installation.url });
    context.on("console", (message) => {
      if (/Content Security Policy|Trusted Type/i.test(message.text())) problems.push(message.text());
    });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await context.addCookies([{ name: "keyturn.session", value: await someCookie(), url: installation.url }]);
    await installation.losesDatabase();
    for (const manner of Object.keys(manners)) {
      const answer = await page.request.get(`${installation.url}/customers`, {
        headers: manners[manner] ?? {},
      });
      const text = await answer.text();
      const about = `${manner} of a page that fails`;
      holds({ about, status: Math.min(answer.status(), 499), headers: answer.headers(), body: text });
    }
    const answer = must(await page.goto("/customers"));
    expect(answer.status()).toBe(500);
    await expect(page.getByRole("heading", { name: "Something went wrong" })).toBeVisible();
    await installation.findsDatabase();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForURL("**/sign-in**");
    await context.close();
  } finally {
    await installation.stop();
  }
  expect(problems).toEqual([]);
});
