/** A fault whose message is meant for the person at the terminal: one sentence, no stack. */
export class Stop extends Error {
  name = "Stop";
}

/** Faults of the app's own modules that carry such a sentence, too. */
const spoken = new Set(["Stop", "EnvironmentError", "SecretsError", "DataFolderInUseError"]);

/**
 * One sentence for any fault of a start: what is wrong and, where we know, what to do.
 * @param {unknown} fault
 */
export function sentenceOf(fault) {
  const error = fault instanceof Error ? fault : new Error(String(Object(fault).message ?? fault));
  if (spoken.has(error.name)) return error.message;
  const code = "code" in error ? String(error.code) : "";
  if (["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH", "ECONNRESET", "EAI_AGAIN"].includes(code)) {
    return `PostgreSQL cannot be reached (${code}); check DATABASE_URL and that the server is running.`;
  }
  if (code === "28P01" || code === "28000" || code === "3D000") {
    return `PostgreSQL refused the connection (${error.message}); check DATABASE_URL.`;
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOSPC") {
    return `${error.message}; give Keyturn a folder that it can write, with KEYTURN_DATA_DIR.`;
  }
  return `Keyturn could not start: ${error.message.split("\n")[0]}`;
}

/**
 * Runs a script's body; a fault ends the process with its sentence instead of a stack trace.
 * `KEYTURN_DEBUG=1` shows the stack as well, for whoever has to find out more.
 * @param {() => Promise<unknown>} body
 */
export async function speaking(body) {
  try {
    await body();
  } catch (fault) {
    if (fault instanceof Error && fault.name === "Said") process.exit(1);
    console.error(`\n${sentenceOf(fault)}`);
    if (process.env.KEYTURN_DEBUG) console.error(fault);
    process.exit(1);
  }
}

/** A child process has already said why. */
export class Said extends Error {
  name = "Said";
}
