import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";

declare global {
  var keyturnAnswers: AsyncLocalStorage<ServerResponse> | undefined;
}

/** Lives globally, because Next bundles this module apart from the server in front of it. */
function answers(): AsyncLocalStorage<ServerResponse> {
  globalThis.keyturnAnswers ??= new AsyncLocalStorage();
  return globalThis.keyturnAnswers;
}

/** Runs what answers a request, so that it finds the answer's headers: Next itself lets actions set cookies alone. */
export function whileAnswering<T>(response: ServerResponse, work: () => T): T {
  return answers().run(response, work);
}

/**
 * Has the browser drop what it kept of this origin: whoever sits down next finds nothing (ASVS v5.0.0-14.3.1). Not
 * "cookies": that one takes the device cookie along, by which a browser is known, and on loopback every other port's.
 * Does nothing once the headers are out, and outside of a request.
 */
export function clearBrowser(): void {
  const response = answers().getStore();
  if (response && !response.headersSent) response.setHeader("clear-site-data", '"cache", "storage"');
}
