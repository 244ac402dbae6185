/** Runs once when the server starts: validates the environment and opens the database before the first request. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { environment } = await import("@/lib/platform/env");
  const { runningDatabase } = await import("@/lib/platform/running-database");
  process.env.NEXTAUTH_URL = environment().origin;
  const opened = await runningDatabase();
  globalThis.keyturnClose = () => opened.close();
}

declare global {
  var keyturnClose: (() => Promise<void>) | undefined;
}
