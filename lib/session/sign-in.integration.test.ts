import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase } from "@/db/client";
import { testDatabases } from "@/db/testing";
import { logSigner } from "@/lib/audit/log/log-key";
import { sealRows } from "@/lib/audit/log/seal-rows";
import { macOf } from "@/lib/audit/stored";
import { verifySecret } from "@/lib/platform/password-hash";
import { password, type Someone, testSecrets, World } from "@/lib/testing/pipeline";
import { authOptions } from "./auth-options";
import type { PresentedCookie } from "./read-session";
import { signIn } from "./sign-in";

vi.mock("@/lib/platform/password-hash", async (original) => {
  const real = await original<typeof import("@/lib/platform/password-hash")>();
  return { ...real, verifySecret: vi.fn(real.verifySecret) };
});

const device = { deviceHash: "0".repeat(64), userAgent: "Tests", address: "192.0.2.1" };

describe.each(testDatabases.map(({ name }) => name))("the sign-in on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  it.each(["a\u0000@test.example", "\u0000", "\ud800@test.example"])(
    "refuses %j like any unknown address, and counts it: PostgreSQL takes no NUL in text",
    async (email) => {
      const attempt = { email: `${randomUUID()}${email}`, password: "x", ...device };
      for (let failures = 0; failures < 10; failures += 1)
        expect(await signIn(world.database, true, attempt)).toEqual({ outcome: "refused" });
      expect(await signIn(world.database, true, attempt)).toMatchObject({ outcome: "rate-limited" });
    },
  );
});

describe.each(testDatabases.map(({ name }) => name))("refused sign-ins on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const tries = (email: string, address: string) =>
    signIn(world.database, true, { email, password: "wrong", ...device, address });
  const rowsAt = async (address: string) =>
    (await world.audit("session.sign-in"))
      .filter((row) => row.address === address)
      .map(({ actorId, repeats }) => ({ actorId, repeats }));
  const unknown = () => `${randomUUID()}@keyturn.example`;

  it("of an account, or of none, from one address are a row a minute", async () => {
    const [theo, maya] = [await world.employee(), await world.employee()];
    for (let n = 0; n < 3; n++) for (const email of [theo.email, unknown()]) await tries(email, "192.0.2.11");
    await tries(maya.email, "192.0.2.11");
    await tries(theo.email, "192.0.2.12");
    expect(await rowsAt("192.0.2.11")).toEqual([
      { actorId: theo.id, repeats: 3 },
      { actorId: null, repeats: 3 },
      { actorId: maya.id, repeats: 1 },
    ]);
    expect(await rowsAt("192.0.2.12")).toEqual([{ actorId: theo.id, repeats: 1 }]);
  });

  it("keep a MAC over what they tell, and wait unsealed for repeats, never changed afterwards", async () => {
    const at = "192.0.2.13";
    for (let n = 0; n < 3; n++) await tries(unknown(), at);
    const of = async () => (await world.audit("session.sign-in")).filter((row) => row.address === at);
    const [row] = await of();
    if (!row) throw new Error("nothing was logged");
    const { seq: _, mac, ...told } = row;
    expect(mac).toBe(macOf(told, testSecrets.auditKey));
    const signer = logSigner({ url: new URL("https://crm.example.com"), auditKey: testSecrets.auditKey });
    while (await sealRows(world.database, signer));
    expect(await world.count(sql`audit_leaves where seq = ${row.seq}`)).toBe(0);
    await world.rows(sql`insert into audit_leaves (index, seq) values (1000000, ${row.seq})`);
    await tries(unknown(), at);
    expect((await of()).map(({ repeats }) => repeats)).toEqual([3, 1]);
  });

  it("take the same statements whether or not the account exists (threat 23)", async () => {
    const statements = async (email: string, address: string) => {
      const done: string[][] = [];
      for (let n = 0; n < 2; n++) {
        world.queries = [];
        await tries(email, address);
        done.push(world.queries);
      }
      return done;
    };
    const known = await statements((await world.employee()).email, "192.0.2.14");
    expect(await statements(unknown(), "192.0.2.15")).toEqual(known);
    // Another one from an address that has a row already differs in its last statement alone.
    await tries(unknown(), "192.0.2.16");
    const [folded = []] = await statements(unknown(), "192.0.2.16");
    expect(folded.length).toBe(known[0]?.length);
    expect(folded.filter((text, at) => text !== known[0]?.[at])).toEqual([
      expect.stringMatching(/^update "audit_events"/),
    ]);
  });
});

describe.each(testDatabases.map(({ name }) => name))("the time of a refusal on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const accounts: Record<string, () => Promise<string>> = {
    "that has this password, and it is wrong": async () => (await world.employee()).email,
    "that there isn't": async () => `${randomUUID()}@keyturn.example`,
    "that is disabled": async () => withState(sql`disabled_at = now()`),
    "whose owner said “This wasn't me”": async () => withState(sql`password_locked_at = now()`),
    "of the demo, where there is none": async () => (await world.employee({ demo: true })).email,
  };

  async function withState(state: ReturnType<typeof sql>): Promise<string> {
    const { id, email } = await world.employee();
    await world.rows(sql`update people set ${state} where id = ${id}`);
    return email;
  }

  it.each(Object.entries(accounts))(
    "is that of one hash for an account %s (threats.md 23)",
    async (about, email) => {
      const typed = about.endsWith("it is wrong") ? "wrong" : password;
      const attempt = { email: await email(), password: typed, ...device };
      vi.mocked(verifySecret).mockClear();
      expect(await signIn(world.database, false, attempt)).toEqual({ outcome: "refused" });
      expect(vi.mocked(verifySecret).mock.calls).toEqual([[expect.stringMatching(/^\$argon2id\$/), typed]]);
    },
  );
});

describe.each(testDatabases.map(({ name }) => name))("a sign-in over a living session on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const signsIn = (someone: Someone, presented: PresentedCookie | null, typed = password) =>
    signIn(world.database, true, { email: someone.email, password: typed, presented, ...device });
  const signInsOf = async (someone: Someone) =>
    (await world.audit()).filter((row) => row.actorId === someone.id).map((row) => row.detail);

  it("ends that one, whoever's it was, and its row says so (ASVS 7.2.4)", async () => {
    const [theo, maya] = [await world.employee(), await world.employee()];
    const [first, elsewhere] = [await theo.signsIn(), await theo.signsIn()];
    expect((await signsIn(theo, first.cookie)).outcome).toBe("signed-in");
    expect(await first.session()).toBeNull();
    expect((await signsIn(maya, elsewhere.cookie)).outcome).toBe("signed-in");
    expect(await elsewhere.session()).toBeNull();
    expect(await signInsOf(theo)).toEqual([{ ended: first.sessionId }]);
    expect(await signInsOf(maya)).toEqual([{ ended: elsewhere.sessionId }]);
    const ended = await world.rows(
      sql`select ended_because as because from sessions where id = ${first.sessionId}`,
    );
    expect(ended).toEqual([{ because: "signed-out" }]);
  });

  it("leaves it alive when it is refused, and others that were not presented", async () => {
    const theo = await world.employee();
    const [here, elsewhere] = [await theo.signsIn(), await theo.signsIn()];
    expect((await signsIn(theo, here.cookie, "wrong")).outcome).toBe("refused");
    expect(await here.session()).not.toBeNull();
    const forged = { sessionId: elsewhere.sessionId, secret: "x" };
    for (const presented of [null, forged, { sessionId: randomUUID(), secret: "x" }])
      expect((await signsIn(theo, presented)).outcome).toBe("signed-in");
    expect(await here.session()).not.toBeNull();
    expect(await elsewhere.session()).not.toBeNull();
    expect(await signInsOf(theo)).toEqual([{}, {}, {}, {}]);
  });
});

describe("the sign-in while the database is away", () => {
  afterEach(() => vi.restoreAllMocks());

  /** next-auth puts an error's message into the address that it answers with. */
  it("says so, and nothing of the statement that failed", async () => {
    await (await World.open("PGlite")).close();
    const opened = openDatabase({ url: "postgresql://keyturn@127.0.0.1:1/keyturn" });
    globalThis.keyturnDatabase = opened;
    const log = vi.spyOn(console, "error").mockReturnValue();
    const [provider] = authOptions({ ...device, presented: null }).providers as unknown as [Provider];
    const answer = provider.options.authorize({ email: "erin@test.example", password: "x" });
    await expect(answer).rejects.toThrow(/^unavailable$/);
    expect(log).toHaveBeenCalledOnce();
    expect(log.mock.calls.join()).not.toContain("erin@test.example");
    globalThis.keyturnDatabase = undefined;
    await (await opened).close();
  });
});

type Provider = {
  options: { authorize(given: { email: string; password: string }): Promise<unknown> };
};
