import { password, World } from "@/e2e/fixtures/world";
import { Browser } from "./browser";
import { keys, type Server, startServer } from "./server";

/** A server on a database, and people made for it the way the browser tests make theirs. */
export type Stage = { server: Server; world: World; close(): Promise<void> };

export async function openStage(url: string): Promise<Stage> {
  const server = await startServer({ ...keys, DATABASE_URL: url, KEYTURN_DEMO: "0" });
  Object.assign(process.env, keys, { KEYTURN_E2E_DATABASE_URL: url });
  const world = await World.open();
  const close = async () => {
    await world.close();
    await server.stop();
  };
  return { server, world, close };
}

/** A part that needs one server, on the 10,000 customers. */
export function onStage<Result>(part: (stage: Stage, rounds: number) => Promise<Result>) {
  return async ({ url }: { url: string }, rounds: number): Promise<Result> => {
    const stage = await openStage(url);
    try {
      return await part(stage, rounds);
    } finally {
      await stage.close();
    }
  };
}

type Given = Parameters<World["person"]>[0];

/** Somebody new, signed in. */
export async function signedIn({ server, world }: Stage, given: Given = {}) {
  const person = await world.person(given);
  const browser = new Browser(server.url);
  await browser.signIn(person.email, password);
  return { person, browser };
}

/** A call as the step-up layer's client sends it. */
export function envelope(person: { id: string }, input: unknown, callId: string = crypto.randomUUID()) {
  return { input, callId, person: person.id };
}
