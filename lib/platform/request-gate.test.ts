import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readEnvironment } from "./env";
import { requestGate } from "./request-gate";

type Seen = { method?: string; url?: string; headers: IncomingHttpHeaders; raw: string[]; body: string };

let server: Server;
let port: number;
let origin: string;
let seen: Seen[] = [];
let trustedProxies: string[] = [];

beforeAll(async () => {
  server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  origin = `http://localhost:${port}`;
  const env = readEnvironment({ KEYTURN_URL: origin } as unknown as NodeJS.ProcessEnv);
  const facts = {
    ...env,
    get trustedProxies() {
      return trustedProxies;
    },
  };
  server.on(
    "request",
    requestGate(facts, async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      seen.push({
        method: request.method,
        url: request.url,
        headers: request.headers,
        raw: request.rawHeaders,
        body,
      });
      response.end("inside");
    }),
  );
});
afterAll(() => server.closeAllConnections());
beforeEach(() => {
  seen = [];
  trustedProxies = [];
});

/** Writes exactly these bytes, since a well-behaved client refuses to send most of what is tried here. */
async function send(lines: string[], body = ""): Promise<{ status: number; head: string; text: string }> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n${body}`);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  const [head = "", text = ""] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, text };
}

const get = (path: string, ...headers: string[]) => send([`GET ${path} HTTP/1.1`, ...headers]);
const host = () => `Host: localhost:${port}`;
const actionId = "Next-Action: 40a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";

function post(path: string, body: string, ...headers: string[]) {
  return send(
    [`POST ${path} HTTP/1.1`, host(), `Content-Length: ${Buffer.byteLength(body)}`, ...headers],
    body,
  );
}
const call = (body: string, ...headers: string[]) =>
  post(
    "/customers",
    body,
    actionId,
    "Content-Type: text/plain;charset=UTF-8",
    `Origin: ${origin}`,
    ...headers,
  );

describe("the host", () => {
  it("is the configured one, or the answer is 421 and nothing else", async () => {
    for (const name of ["evil.example", "localhost", "localhost:1", `localhost.evil.example:${port}`, ""]) {
      const answer = await get("/customers", `Host: ${name}`);
      expect([name, answer.status]).toEqual([name, 421]);
      expect(answer.text).not.toContain("inside");
    }
    expect(seen).toEqual([]);
  });

  it("cannot be given twice, or in the request line", async () => {
    expect((await get("/", host(), "Host: evil.example")).status).toBe(400);
    expect((await get("http://evil.example/", host())).status).toBe(400);
    expect(seen).toEqual([]);
  });

  it("sends people from an alias to the canonical name, but answers probes and assets where they are", async () => {
    const alias = `Host: 127.0.0.1:${port}`;
    const answer = await get("/customers?q=a", alias);
    expect(answer.status).toBe(307);
    expect(answer.head).toContain(`location: ${origin}/customers?q=a\r\n`);
    expect(seen).toEqual([]);
    for (const path of ["/api/health", "/api/ready", "/_next/static/a.js"]) {
      expect((await get(path, alias)).status).toBe(200);
    }
    expect((await get("/api/healthy", alias)).status).toBe(307);
  });

  it("is asked for a path that can be decoded, or Next answers 500", async () => {
    for (const path of ["/customers/%E0%A4%A", "/%", "/api/auth/%ff", "/a%2", "/customers/%C0%AF?q=a"]) {
      expect([path, (await get(path, host())).status]).toEqual([path, 400]);
    }
    expect(seen).toEqual([]);
    expect((await get("/customers/%E2%82%AC?q=%", host())).status).toBe(200);
  });

  it("never leads a redirect to another site", async () => {
    const answer = await get("//evil.example/a", `Host: 127.0.0.1:${port}`);
    expect(new URL(/location: (\S+)/.exec(answer.head)![1]!).origin).toBe(origin);
  });
});

describe("headers that only we may set", () => {
  const forged = [
    "x-middleware-subrequest: middleware",
    "X-Middleware-Rewrite: /admin",
    "next-resume: 1",
    "x-matched-path: /admin",
    "X-Forwarded-Host: evil.example",
    "x-forwarded-proto: https",
    "Forwarded: for=9.9.9.9;host=evil.example",
    "x-keyturn-address: 9.9.9.9",
    "x-real-ip: 9.9.9.9",
    "Content-Security-Policy: script-src 'nonce-mine'",
    "x-keyturn-path: //evil.example",
  ];

  it("are gone or ours when Next reads them", async () => {
    expect(
      (await get("/customers", host(), "X-Kept: yes", "X-Forwarded-For: 9.9.9.9", ...forged)).status,
    ).toBe(200);
    const [{ headers, raw }] = seen as [Seen];
    expect(headers).toEqual({
      "content-security-policy": expect.stringMatching(/^default-src 'self'; script-src 'self' 'nonce-/),
      "x-keyturn-path": "/customers",
      host: `localhost:${port}`,
      connection: "close",
      "x-kept": "yes",
      "x-forwarded-host": `localhost:${port}`,
      "x-forwarded-proto": "http",
      "x-forwarded-port": `${port}`,
      "x-forwarded-for": "127.0.0.1",
      "x-keyturn-address": "127.0.0.1",
    });
    expect(raw.join("\n")).not.toMatch(/evil|9\.9\.9\.9|middleware|nonce-mine|resume/i);
  });

  it("and a router state that Next cannot read, or two of them: it would answer 500", async () => {
    const state = encodeURIComponent(JSON.stringify(["", {}]));
    const states = ["x", "%E0%A4%A", "[]", `${state}, ${state}`, "x".repeat(9000)];
    for (const one of states) await get("/customers", host(), "RSC: 1", `Next-Router-State-Tree: ${one}`);
    await get("/customers", host(), ...[state, state].map((one) => `Next-Router-State-Tree: ${one}`));
    expect(seen.map(({ headers }) => headers["next-router-state-tree"])).toEqual(
      Array(states.length + 1).fill(undefined),
    );
    await get("/customers", host(), `Next-Router-State-Tree: ${state}`);
    expect(seen.at(-1)?.headers["next-router-state-tree"]).toBe(state);
  });

  it("are so in a request with a body, too", async () => {
    await call("[]", ...forged);
    expect(JSON.stringify(seen)).not.toMatch(/evil|9\.9\.9\.9|middleware|nonce-mine|resume/i);
    expect(seen[0]?.headers["x-keyturn-address"]).toBe("127.0.0.1");
  });
});

describe("the page to come back to", () => {
  it.each([
    ["/customers?q=a%20b&sort=name", "/customers?q=a+b&sort=name"],
    ["/customers?_rsc=1x2y", "/customers"],
    ["//evil.example/a", "//evil.example/a"],
    ["//", "//"],
  ])("of %s is %s", async (path, told) => {
    await get(path, host());
    expect(seen.at(-1)?.headers["x-keyturn-path"]).toBe(told);
  });
});

describe("the headers of every answer", () => {
  const policyOf = (head: string) => /content-security-policy: ([^\r]+)/i.exec(head)?.[1] ?? "";
  const nonceOf = (head: string) => /'nonce-([\w+/]{22}==)'/.exec(policyOf(head))?.[1];

  it("are there whether Next or the gate answers", async () => {
    const answers = [
      await get("/customers", host()),
      await get("/customers", "Host: evil.example"),
      await get("/customers", `Host: 127.0.0.1:${port}`),
      await send(["DELETE / HTTP/1.1", host()]),
      await call("broken"),
      await call("[]", "X: y"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 421, 307, 405, 400, 200]);
    for (const { head } of answers) {
      expect(policyOf(head)).toContain("require-trusted-types-for 'script'; trusted-types default");
      expect(policyOf(head)).toContain("frame-ancestors 'none'");
      for (const line of [
        "x-content-type-options: nosniff",
        "referrer-policy: same-origin",
        "cross-origin-opener-policy: same-origin",
        "cross-origin-resource-policy: same-origin",
        "cache-control: no-store",
      ])
        expect(head).toContain(`\r\n${line}\r\n`);
      expect(head).toMatch(/permissions-policy: publickey-credentials-get=\(self\), .*camera=\(\)/);
      expect(head).not.toContain("strict-transport-security");
    }
    expect(new Set(answers.map(({ head }) => nonceOf(head))).size).toBe(answers.length);
  });

  it("tell Next the nonce that the browser is told", async () => {
    const { head } = await get("/customers", host());
    expect(nonceOf(head)).toBeDefined();
    expect(seen.at(-1)?.headers["content-security-policy"]).toBe(policyOf(head));
  });

  it("let the build's files be kept, and load and run nothing", async () => {
    for (const path of ["/_next/static/chunks/a-1.js", "/icon.svg"]) {
      const { head } = await get(path, host());
      expect(head).not.toContain("cache-control");
      expect(policyOf(head)).toMatch(/^default-src 'none'/);
    }
    const disguised = ["/_next/static/../../customers", "/_next/static/a/../../../customers", "/icon.svg/x"];
    for (const path of disguised) expect((await get(path, host())).head).toContain("cache-control: no-store");
  });
});

describe("the client's address", () => {
  const through = async (forwarded: string) => {
    await get("/customers", host(), `X-Forwarded-For: ${forwarded}`);
    return seen.at(-1)?.headers["x-keyturn-address"];
  };

  it("is the last hop that our own proxies did not add", async () => {
    trustedProxies = ["127.0.0.1", "10.0.0.0/8"];
    expect(await through("8.8.8.8")).toBe("8.8.8.8");
    expect(await through("1.1.1.1, 8.8.8.8, 10.2.3.4")).toBe("8.8.8.8");
    expect(await through("8.8.8.8:4711")).toBe("8.8.8.8");
    expect(await through("[2001:db8::1]:4711")).toBe("2001:db8::1");
    expect(await through("::ffff:8.8.8.8")).toBe("8.8.8.8");
  });

  it("is the proxy's where the header makes no sense", async () => {
    trustedProxies = ["127.0.0.1"];
    expect(await through("unknown")).toBe("127.0.0.1");
    expect(await through("8.8.8.8, <script>")).toBe("127.0.0.1");
  });

  it("is the socket's when nobody is trusted", async () => {
    expect(await through("8.8.8.8")).toBe("127.0.0.1");
  });
});

describe("the origin of a change", () => {
  it.each(["null", "http://evil.example", "https://localhost", "http://127.0.0.1", ""])(
    "is not %j",
    async (foreign) => {
      const answer = await post("/api/auth/callback/credentials", "a=b", `Origin: ${foreign}`);
      expect(answer.status).toBe(403);
      expect(seen).toEqual([]);
    },
  );

  it("is not a second one beside ours", async () => {
    expect((await call("[]", "Origin: http://evil.example")).status).toBe(403);
  });

  it("is ours, or not told by a client that is no browser", async () => {
    expect((await post("/api/auth/callback/credentials", "a=b", `Origin: ${origin}`)).status).toBe(200);
    expect((await post("/api/auth/callback/credentials", "a=b")).status).toBe(200);
    expect((await post("/api/auth/callback/credentials", "a=b", "Sec-Fetch-Site: cross-site")).status).toBe(
      403,
    );
  });

  it("matters for no other method than GET, HEAD and POST", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      expect((await send([`${method} / HTTP/1.1`, host()])).status).toBe(405);
    }
    expect(seen).toEqual([]);
  });
});

describe("the body", () => {
  const chunked = (chunk: string, times: number) =>
    `${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(times)}0\r\n\r\n`;

  it("reaches Next whole", async () => {
    const body = JSON.stringify([{ name: "Müller & Söhne" }, "id"]);
    expect((await call(body)).status).toBe(200);
    expect(seen[0]).toMatchObject({ method: "POST", url: "/customers", body });
  });

  it("reaches Next whole when it comes in chunks", async () => {
    await send(
      ["POST /api/x HTTP/1.1", host(), "Transfer-Encoding: chunked"],
      chunked("x".repeat(1000), 900),
    );
    expect(seen[0]?.body).toHaveLength(900_000);
    expect(seen[0]?.headers["content-length"]).toBe("900000");
    expect(seen[0]?.headers).not.toHaveProperty("transfer-encoding");
  });

  it("is refused when it is packed: nobody here would unpack it", async () => {
    const packed = ["POST /api/x HTTP/1.1", host(), "Transfer-Encoding: gzip, chunked"];
    expect((await send(packed, chunked("{}", 1))).status).toBe(400);
    const zipped = ["POST /api/x HTTP/1.1", host(), "Content-Encoding: gzip", "Content-Length: 2"];
    expect((await send(zipped, "{}")).status).toBe(415);
    expect(seen).toEqual([]);
  });

  it("is refused above a megabyte, whether announced or counted", async () => {
    expect((await post("/api/x", "x".repeat(1_000_001))).status).toBe(413);
    const announced = await send(["POST /api/x HTTP/1.1", host(), "Content-Length: 9999999"]);
    expect(announced.status).toBe(413);
    const streamed = await send(
      ["POST /api/x HTTP/1.1", host(), "Transfer-Encoding: chunked"],
      chunked("x".repeat(1000), 3000),
    );
    expect(streamed.status).toBe(413);
    expect(seen).toEqual([]);
  });

  it("that never ends reaches nobody when the client goes away", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write(`POST /api/x HTTP/1.1\r\n${host()}\r\nContent-Length: 100\r\n\r\nhalf`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    expect((await get("/api/health", host())).status).toBe(200);
    expect(seen).toHaveLength(1);
  });
});

describe("what is posted to a route", () => {
  const type = (value: string) => post("/api/auth/callback/credentials", "{", `Content-Type: ${value}`);

  it("is a form: next-auth answers 500 to JSON that is broken", async () => {
    for (const other of [
      "application/json",
      "text/plain",
      "multipart/form-data; boundary=X",
      "application/x-www-form-urlencoded; application/json",
    ]) {
      expect([other, (await type(other)).status]).toEqual([other, 415]);
    }
    expect(seen).toEqual([]);
    for (const ours of [
      "application/x-www-form-urlencoded",
      "application/x-www-form-urlencoded;charset=UTF-8",
    ])
      expect((await type(ours)).status).toBe(200);
  });
});

describe("a server action", () => {
  it.each([
    ["broken JSON", "[{"],
    ["no list", '{"then":1}'],
    ["nothing", ""],
    ["a reference to a part that is missing", '["$K1"]'],
    ["a server reference", '[{"a":"$F1"}]'],
    ["a path into itself", '["$0:0:constructor"]'],
    ["deep nesting", "[".repeat(50_000) + "]".repeat(50_000)],
    ["a number that React refuses to read", `["$n${"9".repeat(500)}"]`],
    ["a byte order mark", "\ufeff[]"],
    ["another prototype", '[{"a":1,"__proto__":{"b":2}}]'],
  ])("is refused with %s", async (_, body) => {
    expect((await call(body)).status).toBe(400);
    expect(seen).toEqual([]);
  });

  it("is refused with bytes that are no text", async () => {
    const head = `POST / HTTP/1.1\r\n${host()}\r\n${actionId}\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`;
    const socket = connect(port, "127.0.0.1");
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])]));
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  it("takes what our client sends", async () => {
    expect(
      (await call('["$undefined",{"at":"$D2026-11-24T00:00:00.000Z","note":"$$5 off","n":1}]')).status,
    ).toBe(200);
  });

  it("runs neither as a form nor under a made-up id", async () => {
    const form = 'X\r\nContent-Disposition: form-data; name="$ACTION_ID_40a1"\r\n\r\n\r\n--X--';
    expect(
      (await post("/missing", `--${form}`, "Content-Type: multipart/form-data; boundary=X")).status,
    ).toBe(405);
    expect(
      (await post("/customers", `--${form}`, actionId, "Content-Type: multipart/form-data; boundary=X"))
        .status,
    ).toBe(415);
    expect((await post("/customers", "[]", "Next-Action: ../x", "Content-Type: text/plain")).status).toBe(
      400,
    );
    expect(seen).toEqual([]);
  });
});
