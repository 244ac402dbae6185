import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { type Database, openDatabase, type Tx } from "@/db/client";
import { customers } from "@/db/schema/customers";
import { logSigner } from "@/lib/audit/log/log-key";
import { sealRows } from "@/lib/audit/log/seal-rows";
import { recordAudit } from "@/lib/audit/record";
import { secrets } from "@/lib/platform/secrets";
import { spreadOf } from "../compare";
import type { Databases } from "../databases";
import { type Figure, figure } from "../figure";
import { keys } from "../server";

const writers = 50;
const writesEach = 4;

/**
 * Fifty writers at once: each changes a customer of its own, without a row in the log, with one, and with one while
 * somebody seals all the time. In this process, against PostgreSQL; the time until all have committed.
 */
export async function log({ url }: Databases, rounds: number): Promise<Figure[]> {
  Object.assign(process.env, keys, { DATABASE_URL: url });
  const [writing, sealing] = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
  const signer = logSigner({
    url: new URL(keys.KEYTURN_URL ?? "http://localhost"),
    auditKey: secrets().auditKey,
    demo: true,
  });
  try {
    const rows = await writing.database.select({ id: customers.id }).from(customers).limit(writers);
    const ids = rows.map(({ id }) => id);
    const sealAll = async () => {
      while (await sealRows(sealing.database, signer));
    };
    await sealAll();
    const sides = {
      bare: () => timed(writing.database, ids, async () => {}),
      logged: () => timed(writing.database, ids, tell),
      sealed: () => besides(sealAll, () => timed(writing.database, ids, tell)),
    };
    const rounded: Record<keyof typeof sides, number>[] = [];
    for (let round = 0; round < rounds + 1; round++) {
      const [bare, logged, sealed] = [await sides.bare(), await sides.logged(), await sides.sealed()];
      await sealAll();
      // The first round warms both pools up.
      if (round > 0) rounded.push({ bare, logged, sealed });
    }
    const ms = (side: "bare" | "logged" | "sealed") =>
      spreadOf(rounded.map((one) => one[side])).median.toFixed(0);
    return [
      figure(
        "50 writers with the log, against without",
        "×",
        spreadOf(rounded.map((one) => one.logged / one.bare)),
        {
          note: `${ms("logged")} ms against ${ms("bare")} ms`,
        },
      ),
      figure(
        "50 writers while it is sealed, against not",
        "×",
        spreadOf(rounded.map((one) => one.sealed / one.logged)),
        {
          note: `${ms("sealed")} ms against ${ms("logged")} ms`,
        },
      ),
    ];
  } finally {
    await Promise.all([writing.close(), sealing.close()]);
  }
}

type Tell = (tx: Tx, customerId: string) => Promise<void>;

async function timed(database: Database, ids: string[], tellOf: Tell): Promise<number> {
  const before = performance.now();
  await Promise.all(
    ids.map(async (id) => {
      for (let count = 0; count < writesEach; count++) {
        await database.transaction(async (tx) => {
          await tx
            .update(customers)
            .set({ version: sql`${customers.version} + 1` })
            .where(eq(customers.id, id));
          await tellOf(tx, id);
        });
      }
    }),
  );
  return performance.now() - before;
}

/** Does `beside` over and over until `work` has ended. */
async function besides<T>(beside: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let ended = false;
  const running = (async () => {
    while (!ended) {
      await beside();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const result = await work();
  ended = true;
  await running;
  return result;
}

async function tell(tx: Tx, recordId: string): Promise<void> {
  await recordAudit(
    tx,
    {
      actorId: randomUUID(),
      sessionId: null,
      action: "customer.edit",
      outcome: "allowed",
      recordType: "customer",
      recordId,
      factor: "totp",
      authenticatorId: null,
      policyVersion: 0,
      address: "192.0.2.1",
      detail: {},
    },
    {
      by: { name: "Maya Bench", email: "maya@keyturn.example" },
      digest: "0".repeat(64),
      changes: [{ field: "city", from: "Hamburg", to: "Bremen" }],
    },
  );
}
