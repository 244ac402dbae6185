import { parseArgs } from "node:util";
import { z } from "zod";
import { reason as reasonLine } from "@/lib/approvals/ask";
import { environment } from "@/lib/platform/env";
import { restoreAtHost } from "@/lib/policy/restore-at-host";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run policy:restore -- 12 --reason "Version 13 can't be read after the upgrade"
 * npm run policy:restore -- --floor --reason "Nobody can confirm a sign-in any more"
 *
 * For a policy that can't be read, or under which no administrator gets in: puts an earlier version in force again, or the
 * floors alone. Every administrator is told.
 */
const usage =
  'npm run policy:restore -- VERSION --reason "…" (or --floor for the policy of a new installation)';

await speaking(async () => {
  Object.assign(process.env, { NODE_ENV: "production" });
  const wanted = readArguments(process.argv.slice(2));
  const version = await withDatabase(environment(), ({ database }) =>
    database.transaction((tx) => restoreAtHost(tx, wanted)),
  );
  console.log(`Version ${version} is in force from the next check on. Every administrator is told.`);
});

function readArguments(args: string[]): { version: number; reason: string } {
  const { positionals, values } = parse(args);
  const given = values.floor ? ["0", ...positionals] : positionals;
  const version = z.string().regex(/^\d+$/).transform(Number).pipe(z.int32()).safeParse(given[0]);
  if (given.length !== 1 || !version.success) throw new Stop(`Give one version, or --floor: ${usage}`);
  const reason = reasonLine.safeParse(values.reason ?? "");
  if (!reason.success) throw new Stop(`${reason.error.issues[0]?.message ?? "Give a reason."} ${usage}`);
  return { version: version.data, reason: reason.data };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { reason: { type: "string" }, floor: { type: "boolean" } },
    });
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}: ${usage}`);
  }
}
