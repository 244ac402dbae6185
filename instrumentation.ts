/**
 * Runs once when the server starts: validates the environment and opens the database before the first request.
 * scripts/serve waits for one of the two globals: Next itself reports a fault here and then goes on.
 */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { environment } = await import("@/lib/platform/env");
  const { runningDatabase } = await import("@/lib/platform/running-database");
  const { startMail } = await import("@/lib/notices/start-mail");
  const { mailWitness } = await import("@/lib/notices/mail-witness");
  const { startSealing } = await import("@/lib/audit/log/start-sealing");
  const { startHousekeeping } = await import("@/lib/housekeeping/start-housekeeping");
  const { takeOverErrors } = await import("@/lib/platform/log");
  const { checkKeys } = await import("@/lib/keys/watch");
  const { secrets } = await import("@/lib/platform/secrets");
  process.env.NEXTAUTH_URL = environment().origin;
  if (environment().production) takeOverErrors();
  try {
    const opened = await runningDatabase();
    await checkKeys(opened.reader, secrets().encryptionKeys);
    const stopMail = await startMail(opened.database);
    const stopSealing = startSealing(opened.database, mailWitness);
    const stopHousekeeping = startHousekeeping(opened.database);
    globalThis.keyturnClose = async () => {
      await Promise.all([stopMail(), stopSealing(), stopHousekeeping()]);
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
