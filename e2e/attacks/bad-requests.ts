import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Sent } from "./wire";

/*
 * Requests that nobody's page sends: what can be wrong in an action's body, in a path, a query, a header, a cookie.
 */

const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));

/** References of React's flight format, of every letter, with and without something behind. */
const references = printable.flatMap((letter) => [
  `$${letter}`,
  `$${letter}0`,
  `$${letter}1:constructor:constructor`,
  `$${letter}ffff`,
]);

/** Bodies that are no call: what React would read in them is refused, or no call either. */
export function brokenBodies(person: string): fc.Arbitrary<string | Buffer> {
  const envelope = { input: {}, callId: randomUUID(), person };
  const right = JSON.stringify([envelope]);
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...references).chain((text) => placedIn(text, envelope)) },
    fc.nat(right.length - 1).map((length) => right.slice(0, length)),
    fc.constantFrom(31, 33, 400, 20_000).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
    fc.constantFrom(
      "",
      "null",
      "{}",
      '"x"',
      "0",
      "[",
      "[[[",
      "\u0000",
      "[NaN]",
      "[1e999]",
      "\ufeff[]",
      "[]]",
    ),
    fc.constantFrom(`["$n${"9".repeat(500)}"]`, `["$D9999-99-99T99:99:99Z"]`, `["$D0000-00-00"]`),
    fc.constant(`[0${`,${right.slice(1, -1)}`.repeat(500)}]`),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from([...Buffer.from('["'), 0xff, 0xfe, ...Buffer.from('"]')])),
    fc.constant("x".repeat(1_000_001)),
  );
}

function placedIn(text: string, envelope: Record<string, unknown>): fc.Arbitrary<string> {
  return fc.constantFrom(
    JSON.stringify([text]),
    JSON.stringify([{ ...envelope, input: text }]),
    JSON.stringify([{ ...envelope, input: { [text]: text } }]),
    JSON.stringify([{ ...envelope, person: text }]),
    JSON.stringify([{ ...envelope, proof: text }, text]),
    JSON.stringify(text),
  );
}

/** Envelopes of a call with one member wrong. */
export const brokenEnvelope: fc.Arbitrary<Record<string, unknown>> = fc.constantFrom<Record<string, unknown>>(
  { callId: "x" },
  { callId: null },
  { callId: `${randomUUID()}\u0000` },
  { person: randomUUID() },
  { person: ["x"] },
  { proof: null },
  { proof: {} },
  { proof: { token: "x", factor: "sms", answer: {} } },
  { proof: { token: "x".repeat(5000), factor: "totp", answer: {} } },
  { role: "administrator" },
  { __proto__: null, sessionId: randomUUID() },
);

/**
 * A right call under heads that make it none of ours: another type, another site, another length. Each must be
 * refused for its head, since its body would be done.
 */
export function brokenHeads(id: string, origin: string, body: string): Sent[] {
  const own = `Origin: ${origin}`;
  const plain = "Content-Type: text/plain;charset=UTF-8";
  const action = `Next-Action: ${id}`;
  const form = [
    ...["--X", `Content-Disposition: form-data; name="$ACTION_ID_${id}"`, "", ""],
    ...["--X", 'Content-Disposition: form-data; name="$ACTION_REF_1"', "", ""],
    ...["--X", 'Content-Disposition: form-data; name="$ACTION_1:0"', "", `{"id":"${id}","bound":"$@1"}`],
    ...["--X", 'Content-Disposition: form-data; name="$ACTION_1:1"', "", body],
    ...["--X", 'Content-Disposition: form-data; name="0"', "", body, "--X--", ""],
  ].join("\r\n");
  const length = Buffer.byteLength(body);
  const chunked = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const heads: [head: string[], body: string][] = [
    [[action, own], body],
    [[action, own, "Content-Type: application/json"], body],
    [[action, own, "Content-Type: application/x-www-form-urlencoded"], `0=${encodeURIComponent(body)}`],
    [[action, own, "Content-Type: text/plain, multipart/form-data; boundary=X"], form],
    [[action, own, "Content-Type: multipart/form-data; boundary=X"], form],
    [[own, "Content-Type: multipart/form-data; boundary=X"], form],
    [[own, "Content-Type: MULTIPART/FORM-DATA; boundary=X"], form],
    [[own, "Content-Type: multipart/form-data"], form],
    [[action, plain], body],
    [[action, plain, "Origin: null"], body],
    [[action, plain, "Origin: https://evil.example"], body],
    [[action, plain, `Origin: ${origin}.evil.example`], body],
    [[action, plain, `${own}/`], body],
    [[action, plain, own, own], body],
    [[action, plain, "Sec-Fetch-Site: same-origin"], body],
    [[action, plain, own, "Host: evil.example"], body],
    [[action, plain, "Origin: https://evil.example", "X-Forwarded-Host: evil.example"], body],
    [[`Next-Action: ${id},${id}`, plain, own], body],
    [[`Next-Action: ${id.toUpperCase()}`, plain, own], body],
    [[`Next-Action: ${id.slice(0, -1)}`, plain, own], body],
    [["Next-Action: __proto__", plain, own], body],
    [["Next-Action: constructor", plain, own], body],
    [[`Next-Action: ${"0".repeat(42)}`, plain, own], body],
    [[action, plain, own, "Transfer-Encoding: chunked"], `zz\r\n${body}\r\n0\r\n\r\n`],
    [[action, plain, own, "Transfer-Encoding: chunked", `Content-Length: ${length}`], chunked],
    [[action, plain, own, "Transfer-Encoding: gzip, chunked"], chunked],
    [[action, plain, own, "Content-Length: -1"], body],
    [[action, plain, own, `Content-Length: ${length}`, `Content-Length: ${length + 1}`], body],
    [[action, plain, own, "Content-Encoding: gzip"], body],
  ];
  const paths = ["/sign-in", "/nowhere", "/customers", "/api/health", "/_next/static/x.js"];
  return heads.map(([head, body], index) => ({
    method: "POST",
    path: paths[index % paths.length] ?? "/sign-in",
    head,
    body,
  }));
}

const segments = [
  ...["%00", "%", "%zz", "%E0%A4%A", "%ff", "\u00ff", "..", "%2e%2e", "%2e%2e%2f%2e%2e", "%2f", "%5c", "\\"],
  ...["'", "<script>", "__proto__", "constructor", "[customerId]", "%5BcustomerId%5D", "@evil.example"],
  ...["//evil.example", ";", "%0d%0aX-Set: 1", "$ACTION_ID_1", "x".repeat(6000), "_next", "page.js", ".rsc"],
];
/** Places in the list that are none: times that don't exist, other types, other orders. */
const cursors = [
  ...["2026-02-30T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z", "9999-12-31T24:00:00.000000Z"],
  ...["2026-01-01T23:59:60.000000Z", "x", "\u0000", "\ud800", "%", "' or 1=1 --"],
].flatMap((key) =>
  (["updated", "name", "number"] as const).map((sort) => {
    const place = JSON.stringify({
      sort,
      direction: sort === "updated" ? "desc" : "asc",
      key,
      id: randomUUID(),
    });
    return `sort=${sort}&after=${Buffer.from(place).toString("base64url")}`;
  }),
);
/** The same for the administrators' lists: the log goes by time and number, people go by name. */
const placesOfLists = [
  { at: "2026-02-30T00:00:00.000000Z", seq: 1 },
  { at: "0000-01-01T00:00:00.000000Z", seq: 0 },
  { at: "9999-12-31T23:59:60.999999Z", seq: 2 ** 53 - 1 },
  { at: "9999-12-31T23:59:59.999999Z", seq: 1e308 },
  { at: "2026-01-01T00:00:00.000000+99:99", seq: -1 },
  { at: "2026-01-01T00:00:00.000000Z", seq: 0.5, role: "administrator" },
  { at: "\u0000", seq: "1" },
  { key: "\u0000", id: randomUUID() },
  { key: "\ud800", id: randomUUID() },
  { key: "x".repeat(999), id: "' or 1=1 --" },
  { key: ["x"], id: {} },
  ...[null, [], "x"],
].flatMap((place) => {
  const cursor = Buffer.from(JSON.stringify(place)).toString("base64url");
  return [`after=${cursor}`, `before=${cursor}`, `after=${cursor}&before=${cursor}`];
});
const filters = [
  "q",
  "person",
  "action",
  "record",
  "outcome",
  "factor",
  "from",
  "until",
  "role",
  "team",
  "show",
];
const filterValues = [
  ...[
    "%00",
    "%ff",
    "%",
    "\u00ff",
    "__proto__",
    "constructor",
    "%25_%5C%27%22",
    "%ED%A0%80",
    "x".repeat(5000),
  ],
  ...["2026-02-30", "0000-00-00", "9999-12-31", "-1", randomUUID(), "' or 1=1 --".replaceAll(" ", "%20")],
];
const searches = filters.flatMap((name) => [
  ...filterValues.map((value) => `${name}=${value}`),
  ...[`${name}[]=x`, `${name}=a&${name}=b`, `${name}[__proto__]=x`],
]);
const queries = [
  ...[
    "q=%00",
    "q=%",
    "q=%ff",
    "q=\u00ff",
    "q[]=x",
    "q=a&q=b",
    "__proto__[a]=b",
    "constructor=x",
    "a".repeat(6000),
  ],
  ...[
    "sort=__proto__",
    "status=constructor",
    "direction=toString",
    "after=x",
    "before=%00",
    "q=%25_%5C%27%22",
  ],
  ...[
    "callbackUrl=//evil.example",
    "callbackUrl=javascript:alert(1)",
    "callbackUrl=%00",
    "callbackUrl=http://[",
  ],
  ...["callbackUrl=%2F%5Cevil.example", "callbackUrl=https:evil.example", "callbackUrl=/%0d%0aX:1"],
  ...[
    "_rsc=x",
    "nxtPcustomerId=x",
    "__nextDefaultLocale=x",
    "__nextLocale=..",
    "nextauth=session",
    "reset=%00",
  ],
  ...cursors,
  ...placesOfLists,
];
const headLines = [
  ...[
    "x-middleware-subrequest: middleware:middleware:middleware:middleware:middleware",
    "x-middleware-next: 1",
  ],
  ...[
    "x-middleware-rewrite: /admin/users",
    "x-middleware-set-cookie: keyturn.session=x",
    "x-middleware-prefetch: 1",
  ],
  ...[
    "next-resume: 1",
    "x-matched-path: /admin/users",
    "x-invoke-path: /admin/users",
    "x-invoke-status: 500",
  ],
  ...["x-invoke-error: x", "x-now-route-matches: 1=x", "x-nextjs-data: 1", "x-nextjs-request-id: x"],
  ...[
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: https",
    "X-Forwarded-For: 127.0.0.1, x",
    "Forwarded: a",
  ],
  ...[
    "X-Forwarded-Port: x",
    "X-HTTP-Method-Override: DELETE",
    "x-nonce: mine",
    "x-keyturn-path: //evil.example",
  ],
  ...[
    "Content-Security-Policy: x",
    "x-keyturn-address: 9.9.9.9",
    "X-Original-URL: /admin",
    "X-Rewrite-URL: /admin",
  ],
  ...[
    "Next-Router-Prefetch: 9",
    "Next-Router-Segment-Prefetch: /../x",
    "Next-Router-Segment-Prefetch: /_tree",
  ],
  ...["Next-Url: http://[", "Next-Url: /\u00ff", "Next-HMR-Refresh: 1", "x-prerender-revalidate: x"],
  ...[
    "Accept-Language: ../../x",
    "Accept: text/x-component",
    "Accept: application/json",
    "Range: bytes=0-99999",
  ],
  ...[
    "If-None-Match: *",
    "If-Modified-Since: x",
    "Accept-Encoding: br;q=x",
    "Expect: 100-continue",
    "Upgrade: h2c",
  ],
  ...[
    "Content-Type: multipart/form-data",
    "Authorization: Basic x",
    "User-Agent: \u00ff\u00fe",
    "Referer: x:",
  ],
  ...[
    "Origin: null",
    "Host: evil.example",
    "Host: ",
    "Host: localhost",
    "Host: LOCALHOST",
    "Host: x@localhost",
  ],
  ...["Trailer: x", "TE: trailers", "Purpose: prefetch"],
  ...["keyturn-download: x", `keyturn-download: ${"x".repeat(9000)}`, "keyturn-download: \u00ff\u00fe"],
];
const routerStates = [
  ...["x", "%", "%E0%A4%A", "[]", "{}", "null", "%00", "%5B%22%22%2C%7B%7D%5D", "x".repeat(9000)],
  ...[
    encodeURIComponent(JSON.stringify(["", { __proto__: ["x", {}] }])),
    encodeURIComponent("[".repeat(3000)),
  ],
  encodeURIComponent(
    JSON.stringify(["", { children: ["customers", {}, null, "refetch"] }, null, null, true]),
  ),
].map((state) => `Next-Router-State-Tree: ${state}`);
const cookieNames = [
  ...["keyturn.session", "keyturn.csrf", "keyturn.callback", "keyturn.device", "keyturn.session.0"],
  ...["__prerender_bypass", "__next_preview_data", "next-auth.session-token", "__proto__", "constructor"],
];
const cookieValues = [
  ...["", "x", "%", "%E0%A4%A", "%00", "\u00ff", "a.b.c.d.e", "{}", "eyJhbGciOiJub25lIn0.e30.", '"', "x|y"],
  ...["//evil.example", "https://evil.example", "x".repeat(7000), "j:{}", "=", "eyJhbGciOiJkaXIifQ....x"],
];
/** Without CONNECT, on which Node closes the connection. */
const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "GETT",
  "get",
];

const lines: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...headLines) },
  fc.constantFrom(...routerStates),
  { weight: 2, arbitrary: fc.constant("RSC: 1") },
);
const cookie: fc.Arbitrary<string> = fc
  .array(fc.tuple(fc.constantFrom(...cookieNames), fc.constantFrom(...cookieValues)), {
    minLength: 1,
    maxLength: 3,
  })
  .map((pairs) => pairs.map((pair) => pair.join("=")).join("; "));

/**
 * Requests for a route, `[…]` in it filled in with `ids` or worse: with a session or with broken cookies, and with
 * something wrong in path, query, header, method or body.
 */
export function brokenRequests(
  route: string,
  ids: string[],
  origin: string,
  sessions: string[],
): fc.Arbitrary<Sent> {
  const place = fc.oneof(fc.constantFrom(...ids), fc.constantFrom(...segments));
  const filled = fc.array(place, { minLength: 2, maxLength: 2 }).map((parts) => {
    let next = 0;
    return route.replaceAll(/\[[^\]]+\]/g, () => parts[next++] ?? "x");
  });
  const path = fc.oneof(
    { weight: 3, arbitrary: filled },
    fc.tuple(filled, fc.constantFrom(...segments)).map(([start, end]) => `${start}/${end}`),
    fc.tuple(filled, fc.constantFrom("/", "//", "/./", "/..")).map(([start, end]) => start + end),
    filled.map((start) => `//evil.example/..${start}`),
  );
  const query = fc.oneof(
    fc.constantFrom("", ...queries),
    fc.constantFrom(...(route.startsWith("/admin/") ? [...searches, ...placesOfLists] : queries)),
  );
  const head = fc.array(lines, { maxLength: 3 });
  const who = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...sessions) }, cookie);
  const method = fc.oneof({ weight: 5, arbitrary: fc.constant("GET") }, fc.constantFrom(...methods));
  return fc
    .tuple(path, query, head, who, method, fc.boolean())
    .map(([path, query, head, who, method, own]) => ({
      method,
      path: query ? `${path}?${query}` : path,
      head: [...head, ...(who ? [`Cookie: ${who}`] : []), ...(own ? [`Origin: ${origin}`] : [])],
      ...(method === "POST" ? { body: "a=%00&$ACTION_ID_1=" } : {}),
    }));
}

/** What is posted to the sign-in, right and broken, with a token of the form or without. */
export function brokenSignIns(csrf: { token: string; cookie: string }, origin: string): fc.Arbitrary<Sent> {
  const text = fc.oneof(
    fc.constantFrom(
      "",
      "\u0000",
      "a\u0000@test.example",
      "x".repeat(5000),
      "nobody@test.example",
      "' or 1=1 --",
    ),
    fc.string({ unit: "binary", maxLength: 30 }),
  );
  const form = fc
    .record({ email: text, password: text, csrfToken: fc.constant(csrf.token) }, { requiredKeys: [] })
    .chain((fields) =>
      fc
        .constantFrom({}, { json: "true" }, { callbackUrl: "//evil.example" }, { callbackUrl: "http://[" })
        .map((more) => new URLSearchParams({ ...fields, ...more } as Record<string, string>).toString()),
    );
  const types = [
    "application/x-www-form-urlencoded",
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=X",
  ];
  const bodies = fc.oneof(
    { weight: 3, arbitrary: form },
    fc.constantFrom(
      "{",
      "null",
      "[]",
      '""',
      "x",
      "a=%",
      "%00",
      "--X",
      `{"csrfToken":"${csrf.token}","email":{}}`,
    ),
    fc.constant("--X\r\nContent-Disposition: form-data\r\n\r\n\r\n--X--"),
  );
  return fc
    .tuple(bodies, fc.constantFrom(types[0] ?? "", ...types), fc.boolean())
    .map(([body, type, withCookie]) => ({
      method: "POST",
      path: "/api/auth/callback/credentials",
      head: [`Content-Type: ${type}`, `Origin: ${origin}`, ...(withCookie ? [`Cookie: ${csrf.cookie}`] : [])],
      body,
    }));
}
