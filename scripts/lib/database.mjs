import { mustRunNode, tools } from "./run.mjs";

/**
 * Brings the schema up to date, and in demo mode fills an empty database. Child processes, so that the embedded
 * database is closed again before the server opens it.
 * @param {{ demo: boolean }} env
 */
export async function prepareDatabase({ demo }) {
  await mustRunNode([...tools.tsx, "scripts/migrate.ts"]);
  if (demo) await mustRunNode([...tools.tsx, "scripts/seed.ts", "--demo-if-empty"]);
}
