import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import type { OpenDatabase } from "@/db/client";
import { fillDatabase, isEmpty } from "@/db/seed/fill";
import type { AccountMaker } from "@/db/seed/staff";
import { demoPassword } from "@/lib/demo/accounts";
import { type Environment, environment } from "@/lib/platform/env";
import { hashSecret } from "@/lib/platform/password-hash";
import { secrets } from "@/lib/platform/secrets";
import { sealSeed } from "@/lib/step-up/factors/totp/seed";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run db:seed -- --customers N      adds customers until there are N (500)
 * npm run db:seed -- --demo-if-empty    does the same, but only where nothing has been put in yet
 *
 * Never changes or doubles what is there.
 */
await speaking(async () => {
  const { customers, onlyIfEmpty } = readArguments(process.argv.slice(2));
  const env = environment();
  if (onlyIfEmpty && !env.demo) return console.log("Demo mode is off (KEYTURN_DEMO): nothing was put in.");
  await withDatabase(env, async (opened) => {
    if (onlyIfEmpty && !(await isEmpty(opened.database))) return;
    await seed(opened, env, customers);
  });
});

async function seed({ database }: OpenDatabase, env: Environment, customers: number): Promise<void> {
  const { before, added } = await fillDatabase(database, {
    customers,
    now: new Date(),
    accounts: env.demo ? await accountMaker() : null,
    onProgress: (count) => count % 10_000 === 0 && count > 0 && console.log(`${count} customers …`),
  });
  if (!env.demo) {
    console.log(
      "Demo mode is off (KEYTURN_DEMO): no demo accounts were made, so new customers have no account manager.",
    );
  }
  if (added === 0) return console.log(`There are ${before} customers already: nothing to do.`);
  await database.execute(sql`analyze`);
  console.log(`${added} customers were put in; there are ${before + added} now.`);
}

function readArguments(args: string[]): { customers: number; onlyIfEmpty: boolean } {
  const { values } = parse(args);
  const customers = Number(values.customers ?? 500);
  if (!Number.isSafeInteger(customers) || customers < 0) {
    throw new Stop(
      `--customers ${values.customers} is not a number of customers: give a whole one, like 500.`,
    );
  }
  return { customers, onlyIfEmpty: values["demo-if-empty"] ?? false };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: { customers: { type: "string" }, "demo-if-empty": { type: "boolean" } },
    });
  } catch (error) {
    throw new Stop(
      `${error instanceof Error ? error.message : error}: options are --customers N and --demo-if-empty.`,
    );
  }
}

async function accountMaker(): Promise<AccountMaker> {
  const keys = secrets().encryptionKeys;
  return {
    demoPasswordHash: await hashSecret(demoPassword),
    unknownPasswordHash: await hashSecret(randomBytes(32).toString("base64")),
    sealSeed: (userId, authenticatorId, seed) => sealSeed(keys, userId, authenticatorId, seed),
  };
}
