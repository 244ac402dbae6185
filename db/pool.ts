import { Socket } from "node:net";
import { Pool, type PoolClient } from "pg";

export type PoolOptions = {
  /** Settings of the connection, as PostgreSQL's own `options` parameter takes them. */
  options: string;
  silenceMs: number;
};

/** Connections to a PostgreSQL that may end, break or fall silent at any moment: the next query opens another one. */
export function openPool(url: string, { options, silenceMs }: PoolOptions): Pool {
  const pool = new SturdyPool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    stream: () => socketThatGivesUp(silenceMs),
    ...(options ? { options } : {}),
  });
  // A connection that breaks while nobody waits for its answer must not end the process, idle or in use.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** A network that swallows everything ends no query: TCP alone waits for a quarter of an hour. */
function socketThatGivesUp(silenceMs: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(silenceMs, () => {
    socket.destroy(new Error(`PostgreSQL said nothing for ${silenceMs} ms`));
  });
}

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: Release) => void;
type Release = (broken?: Error | boolean) => void;

/**
 * drizzle sends BEGIN before its `try`: a connection that breaks right there is never given back, and ten of them are
 * the whole pool. Here a broken one gives itself back.
 */
class SturdyPool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | undefined {
    if (!callback) return super.connect().then(givesItselfBack);
    super.connect(callback);
  }
}

function givesItselfBack(client: PoolClient): PoolClient {
  const { release } = client;
  let given = false;
  const give: Release = (broken) => {
    if (given) return;
    given = true;
    client.off("end", giveBroken);
    release(broken);
  };
  const giveBroken = () => give(true);
  client.once("end", giveBroken);
  client.release = give;
  return client;
}
