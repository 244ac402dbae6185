import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase } from "@/db/client";
import { testDatabases } from "@/db/testing";
import { World } from "@/lib/testing/pipeline";
import { authOptions } from "./auth-options";
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

describe("the sign-in while the database is away", () => {
  afterEach(() => vi.restoreAllMocks());

  /** next-auth puts an error's message into the address that it answers with. */
  it("says so, and nothing of the statement that failed", async () => {
    await (await World.open("PGlite")).close();
    const opened = openDatabase({ url: "postgresql://keyturn@127.0.0.1:1/keyturn" });
    globalThis.keyturnDatabase = opened;
    const log = vi.spyOn(console, "error").mockReturnValue();
    const [provider] = authOptions(device).providers as unknown as [Provider];
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
