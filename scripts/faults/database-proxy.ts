import { connect, createServer, type Server, type Socket } from "node:net";

type Pair = { client: Socket; server: Socket };
export type Weather = "through" | "refuse" | "stall";

/**
 * The way between app and PostgreSQL, for cutting. It understands nothing of what it carries but the one word that
 * ends a transaction.
 */
export class DatabaseProxy {
  /** `refuse`: new connections are closed at once. `stall`: nothing passes, and nothing is closed. */
  private weather: Weather = "through";
  /** How many of the next COMMITs reach PostgreSQL and are never answered; how many never reach it. */
  private unanswered = 0;
  private unheard = 0;
  lost = 0;
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly listener: Server,
    private readonly target: { host: string; port: number },
  ) {}

  /** `url`: the server's address. */
  static async open(url: string): Promise<DatabaseProxy> {
    const { hostname: host, port } = new URL(url);
    const listener = createServer();
    const proxy = new DatabaseProxy(listener, { host, port: Number(port) });
    listener.on("connection", (client) => proxy.accept(client));
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** The server's address by this way. */
  through(url: string): string {
    const address = this.listener.address();
    const port = typeof address === "object" && address ? address.port : 0;
    return Object.assign(new URL(url), { hostname: "127.0.0.1", port }).href;
  }

  turns(weather: Weather): void {
    this.weather = weather;
    for (const { client, server } of this.pairs) {
      for (const socket of [client, server]) weather === "stall" ? socket.pause() : socket.resume();
    }
  }

  /** Cuts open connections; every one, or those that `chosen` picks. */
  cut(chosen: () => boolean = () => true): void {
    for (const pair of this.pairs) if (chosen()) destroy(pair);
  }

  losesCommits({ unanswered = 0, unheard = 0 }): void {
    Object.assign(this, { unanswered, unheard });
  }

  get open(): number {
    return this.pairs.size;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private accept(client: Socket): void {
    if (this.weather === "refuse") return void client.destroy();
    const server = connect(this.target);
    const pair = { client, server };
    this.pairs.add(pair);
    for (const socket of [client, server]) {
      socket.on("error", () => destroy(pair)).on("close", () => destroy(pair));
      socket.once("close", () => this.pairs.delete(pair));
      if (this.weather === "stall") socket.pause();
    }
    client.on("data", (bytes) => this.carry(pair, bytes));
    server.on("data", (bytes) => client.write(bytes));
  }

  private carry(pair: Pair, bytes: Buffer): void {
    const commits = /\bcommit\0/i.test(bytes.toString("latin1"));
    if (commits && this.unheard > 0) {
      this.unheard -= 1;
      this.lost += 1;
      destroy(pair);
      return;
    }
    if (commits && this.unanswered > 0) {
      this.unanswered -= 1;
      this.lost += 1;
      // PostgreSQL has committed when it answers: nobody hears it.
      pair.server.removeAllListeners("data").once("data", () => destroy(pair));
    }
    pair.server.write(bytes);
  }
}

function destroy({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}
