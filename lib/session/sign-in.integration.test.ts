import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase } from "@/db/client";
import { testDatabases } from "@/db/testing";
import { password, type Someone, World } from "@/lib/testing/pipeline";
import { authOptions } from "./auth-options";
import type { PresentedCookie } from "./read-session";
import { signIn } from "./sign-in";

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
