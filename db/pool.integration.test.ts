import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { DatabaseProxy } from "../scripts/faults/database-proxy";
import { type OpenDatabase, openDatabase } from "./client";

let proxy: DatabaseProxy;
let opened: OpenDatabase;

beforeEach(async () => {
  const url = inject("postgresUrl");
  proxy = await DatabaseProxy.open(url);
  opened = await openDatabase({ url: proxy.through(url), silenceMs: 1_000 });
});

afterEach(async () => {
  await opened.close();
  await proxy.close();
});

const answers = () => opened.database.execute(sql`select 1`);

it("a connection that breaks at BEGIN is not held for ever: the pool has ten", async () => {
  for (let times = 0; times < 11; times += 1) {
    await answers();
    proxy.turns("stall");
    const begun = opened.database.transaction(async () => {});
    await Promise.resolve();
    proxy.cut();
    await expect(begun).rejects.toThrow();
    proxy.turns("through");
  }
  await opened.database.transaction(async (tx) => expect(await tx.execute(sql`select 1`)).toBeDefined());
});

it("a connection that breaks while a transaction is at something else ends the transaction, not the process", async () => {
  const broken = opened.database.transaction(async (tx) => {
    await tx.execute(sql`select 1`);
    proxy.cut();
    // Until the break was noticed: as long as a password's hash takes.
    await expect.poll(() => proxy.open).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    await tx.execute(sql`select 1`);
  });
  await expect(broken).rejects.toThrow();
  await answers();
});

it("a server that says nothing any more is given up", async () => {
  await answers();
  proxy.turns("stall");
  const asked = [answers(), opened.database.transaction(answers)];
  for (const { status } of await Promise.allSettled(asked)) expect(status).toBe("rejected");
  proxy.turns("through");
  await answers();
}, 20_000);
