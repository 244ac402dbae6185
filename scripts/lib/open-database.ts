import { join } from "node:path";
import { type OpenDatabase, openDatabase } from "@/db/client";
import { lockDataFolder } from "@/lib/platform/data-lock";
import type { Environment } from "@/lib/platform/env";
import { Refusal } from "@/lib/step-up/refusal";
import { Stop } from "./sentences.mjs";

/** Opens the database that the app runs on, hands it to `work`, and closes it. Its refusals become sentences. */
export async function withDatabase<T>(
  env: Environment,
  work: (opened: OpenDatabase) => Promise<T>,
): Promise<T> {
  const opened = await open(env);
  try {
    return await work(opened);
  } catch (error) {
    throw sentenceOf(error);
  } finally {
    await opened.close();
  }
}

async function open(env: Environment): Promise<OpenDatabase> {
  if (env.databaseUrl) return openDatabase({ url: env.databaseUrl });
  lockDataFolder(env.dataDir);
  return openDatabase({ folder: join(env.dataDir, "database") });
}

/** drizzle wraps the driver's error, whose code tells what is the matter. */
function sentenceOf(error: unknown): unknown {
  if (error instanceof Refusal) return new Stop(error.message);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isUnknownTable = cause instanceof Error && "code" in cause && cause.code === "42P01";
  return isUnknownTable ? new Stop("The database has no tables yet: run npm run db:migrate first.") : cause;
}
