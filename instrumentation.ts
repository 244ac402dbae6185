/**
 * Runs once when the server starts: validates the environment and opens the database before the first request.
 * scripts/serve waits for one of the two globals: Next itself reports a fault here and then goes on.
 */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { environment } = await import("@/lib/platform/env");
  const { runningDatabase } = await import("@/lib/platform/running-database");
  const { startMail } = await import("@/lib/notices/start-mail");
  const { takeOverErrors } = await import("@/lib/platform/log");
  process.env.NEXTAUTH_URL = environment().origin;
  if (environment().production) takeOverErrors();
  try {
    const opened = await runningDatabase();
    const stopMail = await startMail(opened.database);
    globalThis.keyturnClose = async () => {
      await stopMail();
      await opened.close();
    };
  } catch (fault) {
    globalThis.keyturnFault = fault;
    throw fault;
  }
}

declare global {
  var keyturnClose: (() => Promise<void>) | undefined;
  var keyturnFault: unknown;
}
