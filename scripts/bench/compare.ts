import type { Server } from "./server";

export type Measured = { median: number; low: number; high: number };

/** Median, and where the middle half lies. */
export function spreadOf(values: number[]): Measured {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

type Side = { run(): Promise<unknown>; times?: number };

/**
 * How much processor time of the server one thing takes as a multiple of another: batches of both in turn, so that
 * what the machine does besides falls on both; a ratio for each pair; their median and spread.
 */
export async function compareCpu(
  server: Server,
  subject: Side,
  base: Side,
  { rounds = 7, batch = 10, warmUp = 20 } = {},
): Promise<{ ratio: Measured; ms: Measured; baseMs: Measured }> {
  for (let count = 0; count < warmUp; count++) {
    await subject.run();
    await base.run();
  }
  const pairs: { ms: number; baseMs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Whoever comes second finds the server as the first one left it: each has that turn as often.
    const first = round % 2 === 0 ? subject : base;
    const one = await cpuOf(server, first, batch);
    const other = await cpuOf(server, first === subject ? base : subject, batch);
    pairs.push(first === subject ? { ms: one, baseMs: other } : { ms: other, baseMs: one });
  }
  return {
    ratio: spreadOf(pairs.map(({ ms, baseMs }) => ms / baseMs)),
    ms: spreadOf(pairs.map(({ ms }) => ms)),
    baseMs: spreadOf(pairs.map(({ baseMs }) => baseMs)),
  };
}

async function cpuOf(server: Server, { run, times = 1 }: Side, batch: number): Promise<number> {
  const before = await server.use();
  for (let count = 0; count < batch * times; count++) await run();
  const after = await server.use();
  return (after.cpu - before.cpu) / 1000 / batch;
}
