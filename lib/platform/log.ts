/**
 * One JSON line a failure. The error's name, message and stack only: never input, answers or cookies
 * (threats.md 26). JSON keeps a message from forging a second line.
 */
export function logFailure(reference: string, action: string, error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(
    JSON.stringify({
      level: "error",
      at: new Date().toISOString(),
      reference,
      action,
      name,
      message: withoutValues(message),
      frames: stack?.split("\n    at ").slice(1, 12),
    }),
  );
}

/** Drivers and drizzle put a statement's parameters into their messages: these are people's data. */
function withoutValues(message: string): string {
  return message.split(/\nparams:|\nDETAIL/i)[0] ?? "";
}
