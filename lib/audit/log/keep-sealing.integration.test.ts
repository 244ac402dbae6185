import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { testSecrets, World } from "@/lib/testing/pipeline";
import { recordSignIn } from "../record";
import { keepSealing } from "./keep-sealing";
import { logSigner } from "./log-key";
import { sealRows } from "./seal-rows";

const signer = logSigner({ url: new URL("https://crm.example.com"), auditKey: testSecrets.auditKey });

describe.each(testDatabases.map(({ name }) => name))("the head outside of the database on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const write = () =>
    world.database.transaction((tx) =>
      recordSignIn(tx, {
        outcome: "allowed",
        personId: randomUUID(),
        sessionId: null,
        address: "192.0.2.1",
      }),
    );

  /** The first head that is kept; as many tries before it fail. */
  async function kept(failures: number): Promise<string> {
    let last = "";
    let left = failures;
    const end = keepSealing({
      database: world.database,
      signer,
      readOutside: async () => null,
      async keepOutside(checkpoint) {
        left -= 1;
        if (left >= 0) throw new Error("no space left on device");
        last = checkpoint;
      },
    });
    await expect.poll(() => last).not.toBe("");
    await end();
    return last;
  }

  it("is kept after the start, though the last process ended between sealing and keeping", async () => {
    await write();
    const head = await sealRows(world.database, signer);
    expect(await kept(0)).toBe(head?.checkpoint);
  });

  it("is kept once the folder can be written again, though no row has come since", async () => {
    await write();
    const checkpoint = await kept(1);
    const { size } = (await world.database.query.auditHeads.findFirst({
      where: (heads, { eq }) => eq(heads.checkpoint, checkpoint),
    })) ?? { size: 0 };
    expect(size).toBe(await world.count(sql`audit_events`));
  });
});
