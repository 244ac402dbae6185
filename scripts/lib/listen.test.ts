import { createServer } from "node:net";
import { expect, it } from "vitest";
import { listen } from "./listen.mjs";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("answers from the moment on that the port is open, while other addresses are still being opened", async () => {
  const port = await freePort();
  const opening = listen(["127.0.0.1", "::1"], port, (_request, response) => response.end("here"));
  // Asks without a pause: the first connection that is taken must be answered.
  let answer: string | null = null;
  while (answer === null) {
    const asked = fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(5_000) });
    answer = await asked.then(
      (response) => response.text(),
      (fault) => (fault.name === "TimeoutError" ? "no answer" : null),
    );
  }
  expect(answer).toBe("here");
  for (const server of await opening) server.close();
});
