/**
 * One JSON line a failure. The error's name, message and stack only: never input, answers or cookies
 * (threats.md 26). JSON keeps a message from forging a second line.
 */
export function logFailure(reference: string, action: string, error: unknown): void {
  console.error(failureLine(reference, action, error));
}

/**
 * Takes over what frameworks print of errors themselves: Next tells a page's failure whole, a statement's parameters
 * included. From now on that is a line like all others, found by the digest that the browser was given.
 */
export function takeOverErrors(): void {
  const { error: print } = console;
  console.error = (...told: unknown[]) => {
    const error = told.find((one) => one instanceof Error);
    if (!error) return print(...told);
    const digest = "digest" in error && typeof error.digest === "string" ? error.digest : "none";
    print(failureLine(digest, "page", error));
  };
}

function failureLine(reference: string, action: string, error: unknown): string {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({
    level: "error",
    at: new Date().toISOString(),
    reference,
    action,
    name,
    message: withoutValues(message),
    because: reasonOf(cause),
    frames: stack?.split("\n    at ").slice(1, 12),
  });
}

/**
 * Why a statement failed: PostgreSQL's code, since its words can quote what somebody typed; the words where there is
 * no code, which is where no connection came about. Left out where nothing is known.
 */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  return "code" in cause ? String(cause.code) : withoutValues(cause.message);
}

/** Drivers and drizzle put a statement's parameters into their messages: these are people's data. */
function withoutValues(message: string): string {
  return message.split(/\nparams:|\nDETAIL/i)[0] ?? "";
}
