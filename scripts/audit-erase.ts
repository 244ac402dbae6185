import { parseArgs } from "node:util";
import { eraseFromLog } from "@/lib/audit/erase";
import { environment } from "@/lib/platform/env";
import { line } from "@/lib/platform/line";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run audit:erase -- C-10001 --reason "Asked for by the customer on 3 March"
 *
 * Erases what the audit log tells of a customer: for good, and without breaking the log. The
 * reason stays readable in it: it must not name the customer, nor anybody else.
 */
const usage = 'npm run audit:erase -- C-10001 --reason "Asked for by the customer on 3 March"';

await speaking(async () => {
  Object.assign(process.env, { NODE_ENV: "production" });
  const wanted = readArguments(process.argv.slice(2));
  const erased = await withDatabase(environment(), ({ database }) =>
    database.transaction((tx) => eraseFromLog(tx, wanted)),
  );
  if (!erased) throw new Stop(`There is no customer with the number ${wanted.number}.`);
  console.log(
    `What the log told of ${erased.name} (${wanted.number}) is erased: ${erased.keys} keys. Backups still hold them for as long as they are kept. The customer's record itself is as it was.`,
  );
});

function readArguments(args: string[]): { number: string; reason: string } {
  const { positionals, values } = parse(args);
  const [number, ...rest] = positionals;
  if (!number || rest.length > 0) throw new Stop(`Give one customer's number: ${usage}`);
  if (values.reason === undefined)
    throw new Stop(
      `Give the reason. It stays readable in the log, so it must not name the customer: ${usage}`,
    );
  const reason = line("The reason", 500).safeParse(values.reason);
  if (!reason.success) throw new Stop(reason.error.issues[0]?.message ?? "The reason can't be kept.");
  return { number, reason: reason.data };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { reason: { type: "string" } } });
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}: ${usage}`);
  }
}
