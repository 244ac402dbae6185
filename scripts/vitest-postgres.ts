import type { TestProject } from "vitest/node";
import { startPostgres } from "./find-postgres.mjs";

/** One throw-away PostgreSQL a run; each test file makes its own database in it (db/testing.ts). */
export default async function setup(project: TestProject) {
  const server = await startPostgres();
  project.provide("postgresUrl", server.url);
  return () => server.stop();
}
