import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { auditEvents, auditHeads, auditLeaves } from "@/db/schema/audit";
import { testDatabases } from "@/db/testing";
import { testSecrets, World } from "@/lib/testing/pipeline";
import { recordSignIn } from "../record";
import { leafText, macOf, storedColumns } from "../stored";
import { openCheckpoint } from "./checkpoint";
import { requireGrownFrom } from "./grown-from";
import { logSigner } from "./log-key";
import { CompactRange, hashLeaf } from "./merkle";
import { sealRows } from "./seal-rows";

const signer = logSigner({ url: new URL("https://crm.example.com"), auditKey: testSecrets.auditKey });

describe.each(testDatabases.map(({ name }) => name))("sealing on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const write = (outcome: "allowed" | "refused" = "allowed", sessionId: string | null = null) =>
    world.database.transaction((tx) =>
      recordSignIn(tx, { outcome, personId: randomUUID(), sessionId, address: "192.0.2.1" }),
    );
  const seal = () => sealRows(world.database, signer);
  const sealAll = async () => {
    while (await seal());
  };
  const waiting = () => world.count(sql`audit_queue`);

  /** The MAC that the last row would have, had the app written it as it is now, or with a repeat more. */
  async function macOfLast(repeats = 0): Promise<string> {
    const row = (await world.audit()).at(-1)!;
    return macOf({ ...row, repeats: row.repeats + repeats }, testSecrets.auditKey);
  }

  /** The root as somebody computes it who has nothing but the rows, in the order of their leaves. */
  async function rootOfRows(): Promise<string> {
    const rows = await world.database
      .select(storedColumns)
      .from(auditEvents)
      .innerJoin(auditLeaves, sql`${auditLeaves.seq} = ${auditEvents.seq}`)
      .orderBy(auditLeaves.index);
    const tree = CompactRange.empty();
    for (const row of rows) tree.push(hashLeaf(Buffer.from(leafText(row))));
    return tree.root().toString("base64");
  }

  it("gives each row one leaf, and signs a head over exactly what is stored", async () => {
    for (let count = 0; count < 5; count++) await write();
    const head = await seal();
    expect(await waiting()).toBe(0);
    const { size, root, origin } = openCheckpoint(head?.checkpoint ?? "", signer.vkey);
    expect(origin).toBe("crm.example.com/audit");
    expect(size).toBe(await world.count(sql`audit_events`));
    expect(root.toString("base64")).toBe(await rootOfRows());
    expect(await seal()).toBeNull();
  });

  it("goes on from what is stored, one row or many", async () => {
    await sealAll();
    for (const many of [1, 3, 1, 12]) {
      for (let count = 0; count < many; count++) await write();
      const head = await seal();
      expect(openCheckpoint(head?.checkpoint ?? "", signer.vkey).root.toString("base64")).toBe(
        await rootOfRows(),
      );
    }
    const leaves = await world.database.select().from(auditLeaves).orderBy(auditLeaves.index);
    expect(leaves.map(({ index }) => Number(index))).toEqual(leaves.map((_, at) => at));
  });

  it("lets a refusal wait until no repeat can be folded into it any more", async () => {
    await sealAll();
    const sessionId = randomUUID();
    await write("refused", sessionId);
    expect(await seal()).toBeNull();
    await write();
    await seal();
    expect(await waiting()).toBe(1);
  });

  it("folds no repeat into a row that has its leaf: it becomes a row of its own", async () => {
    const [personId, sessionId] = [randomUUID(), randomUUID()];
    class Enough extends Error {}
    const trying = world.database.transaction(async (tx) => {
      const refused = () =>
        recordSignIn(tx, { outcome: "refused", personId, sessionId, address: "192.0.2.1" });
      const rows = () => tx.$count(auditEvents, sql`${auditEvents.sessionId} = ${sessionId}`);
      await refused();
      await refused();
      expect(await rows()).toBe(1);
      await tx.execute(sql`insert into audit_leaves (index, seq) select 1000000, max(seq) from audit_events`);
      await refused();
      expect(await rows()).toBe(2);
      throw new Enough();
    });
    await expect(trying).rejects.toThrow(Enough);
  });

  it("never changes a row that has its leaf, and no leaf, hash or head", async () => {
    await write();
    await sealAll();
    const changes = [
      sql`update audit_events set repeats = repeats + 1 where seq = (select max(seq) from audit_leaves)`,
      sql`update audit_events set action = 'x'`,
      sql`update audit_events set sealed = null`,
      sql`delete from audit_events`,
      sql`update audit_leaves set seq = seq + 1`,
      sql`delete from audit_leaves`,
      sql`update audit_nodes set hash = hash`,
      sql`delete from audit_nodes`,
      sql`update audit_heads set checkpoint = ''`,
      sql`delete from audit_heads`,
      sql`truncate audit_events cascade`,
      sql`truncate audit_heads`,
      sql`truncate audit_nodes`,
      sql`truncate audit_leaves`,
    ];
    for (const change of changes) {
      await expect(world.database.execute(change)).rejects.toMatchObject({
        cause: expect.objectContaining({ message: expect.stringContaining("is append-only") }),
      });
    }
  });

  it("does not sign a tree whose stored hashes somebody changed", async () => {
    await write();
    await sealAll();
    await world.database.execute(sql`alter table audit_nodes disable trigger user`);
    const [before] = await world.rows<{ hash: Uint8Array }>(
      sql`select hash from audit_nodes where level = (select max(level) from audit_nodes) limit 1`,
    );
    await world.database.execute(
      sql`update audit_nodes set hash = ${Buffer.alloc(32, 1)} where level = (select max(level) from audit_nodes)`,
    );
    await write();
    await expect(seal()).rejects.toThrow("audit:verify");
    await world.database.execute(
      sql`update audit_nodes set hash = ${Buffer.from(before?.hash ?? [])} where level = (select max(level) from audit_nodes)`,
    );
    await world.database.execute(sql`alter table audit_nodes enable trigger user`);
    expect(await seal()).not.toBeNull();
  });

  const lastPeak = sql`level = 0 and index = (select max(index) from audit_nodes where level = 0)`;
  it.each<[string, SQL[]]>([
    ["a hash was taken away", [sql`delete from audit_nodes where ${lastPeak}`]],
    ["a hash was cut off", [sql`update audit_nodes set hash = substr(hash, 1, 31) where ${lastPeak}`]],
    ["a leaf was put far away", [sql`insert into audit_leaves values (1000000000000000, -1)`]],
    [
      "a leaf was put before the first",
      [sql`delete from audit_leaves`, sql`insert into audit_leaves values (-5, -1)`],
    ],
    ["a row had a leaf before", [sql`insert into audit_leaves select -1, max(seq) from audit_queue`]],
    [
      "a place was taken",
      [
        sql`insert into audit_nodes select 0, max(index) + 1, hash from audit_nodes where ${lastPeak} group by hash`,
      ],
    ],
  ])("stops as the log's own fault where %s", async (_what, changes) => {
    await sealAll();
    // An odd number of leaves: the last one is a peak of the tree.
    for (let odd = false; !odd; odd = (await world.count(sql`audit_leaves`)) % 2 === 1) {
      await write();
      await seal();
    }
    await write();
    class Enough extends Error {}
    const trying = world.database.transaction(async (tx) => {
      for (const table of ["audit_leaves", "audit_nodes"])
        await tx.execute(sql`alter table ${sql.identifier(table)} disable trigger user`);
      for (const change of changes) await tx.execute(change);
      await expect(sealRows(tx, signer)).rejects.toMatchObject({ fault: "other-log" });
      throw new Enough();
    });
    await expect(trying).rejects.toThrow(Enough);
    expect(await seal()).toMatchObject({ sealed: 1 });
  });

  it("does not sign what did not grow from the head that is kept elsewhere: tables that were restored", async () => {
    await write();
    await sealAll();
    const before = await world.count(sql`audit_leaves`);
    for (let count = 0; count < 3; count++) await write();
    const kept = (await seal())?.checkpoint ?? "";
    const restore = async () => {
      for (const table of ["audit_events", "audit_leaves", "audit_nodes", "audit_heads"])
        await world.database.execute(sql`alter table ${sql.identifier(table)} disable trigger user`);
      await world.database.execute(
        sql`delete from audit_events where seq in (select seq from audit_leaves where index >= ${before})`,
      );
      await world.database.execute(sql`delete from audit_leaves where index >= ${before}`);
      await world.database.execute(
        sql`delete from audit_nodes where (index + 1) * (1::bigint << level) > ${before}`,
      );
      await world.database.execute(sql`delete from audit_heads where size > ${before}`);
      for (const table of ["audit_events", "audit_leaves", "audit_nodes", "audit_heads"])
        await world.database.execute(sql`alter table ${sql.identifier(table)} enable trigger user`);
    };
    await restore();
    await write();
    await expect(sealRows(world.database, signer, kept)).rejects.toMatchObject({ fault: "other-log" });
    // Where it went on without looking, and has become as long: the same, and for whoever keeps heads, too.
    for (let count = 0; count < 4; count++) await write();
    await seal();
    await write();
    await expect(sealRows(world.database, signer, kept)).rejects.toMatchObject({ fault: "other-log" });
    await expect(requireGrownFrom(world.reader, kept, signer)).rejects.toMatchObject({ fault: "other-log" });
    await sealAll();
  });

  it("signs no row that the database's owner put in, and goes on with the app's", async () => {
    await sealAll();
    const [before, left] = [await world.count(sql`audit_leaves`), await waiting()];
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const put = (rest: string) =>
      world.rows(sql`insert into audit_events (at, actor_id, action, outcome, detail, mac, is_demo)
        select at, actor_id, ${sql.raw(rest)} from audit_events order by seq desc limit 1`);
    await put(`action, outcome, detail, repeat('0', 64), false`);
    await put(`action, outcome, detail, mac, false`);
    await put(`action, outcome, detail, null, false`);
    await put(`action, outcome, '{"x": 1e400}', repeat('0', 64), false`);
    await put(`action, outcome, detail, null, true`);
    expect(await seal()).toBeNull();
    expect(await waiting()).toBe(left);
    expect(await world.count(sql`audit_leaves`)).toBe(before);
    expect(told).toHaveBeenCalledWith(expect.stringContaining("5 rows that the app did not write"));
    await put(`action, outcome, detail, null, false`);
    await write();
    expect(await seal()).toMatchObject({ sealed: 1, size: before + 1 });
    told.mockRestore();
  });

  it("seals seeded history in demo mode, and nothing else without a MAC", async () => {
    await sealAll();
    const left = await waiting();
    const put = (detail: string, isDemo: boolean) =>
      world.rows(sql`insert into audit_events (at, action, outcome, detail, is_demo)
        values (now(), 'customer.edit', 'allowed', ${detail}::jsonb, ${isDemo})`);
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    await put("{}", true);
    await put("{}", false);
    await put('{"x": 1e400}', true);
    expect(await sealRows(world.database, { ...signer, demo: true })).toMatchObject({ sealed: 1 });
    expect(await waiting()).toBe(left);
    told.mockRestore();
  });

  it("says that another key signed before, and signs nothing", async () => {
    await write();
    await sealAll();
    const before = await waiting();
    await write();
    const other = logSigner({ url: new URL("https://crm.example.com"), auditKey: Buffer.alloc(32, 7) });
    await expect(sealRows(world.database, other)).rejects.toMatchObject({ fault: "other-key" });
    const moved = logSigner({ url: new URL("https://new.example.com"), auditKey: testSecrets.auditKey });
    await expect(sealRows(world.database, moved)).rejects.toMatchObject({ fault: "other-key" });
    expect(await waiting()).toBe(before + 1);
  });

  if (kind === "PostgreSQL") {
    it("holds up nobody whose refusal follows a row that a stalled sealer has locked", async () => {
      const sessionId = randomUUID();
      await write("allowed", sessionId);
      let release = () => {};
      const holding = new Promise<void>((resolve) => {
        release = resolve;
      });
      let locked = () => {};
      const isLocked = new Promise<void>((resolve) => {
        locked = resolve;
      });
      const sealer = world.database.transaction(async (tx) => {
        await tx.execute(sql`select 1 from audit_events where session_id = ${sessionId} for update`);
        locked();
        await holding;
      });
      await isLocked;
      try {
        await world.database.transaction(async (tx) => {
          await tx.execute(sql`set local lock_timeout = '2s'`);
          await recordSignIn(tx, { outcome: "refused", personId: null, sessionId, address: "192.0.2.1" });
        });
      } finally {
        release();
        await sealer;
      }
      expect(await world.count(sql`audit_events where session_id = ${sessionId}`)).toBe(2);
    });

    it("has no gap and no fork after fifty writers, some of whom roll back, and four sealers at once", async () => {
      const writers = Array.from({ length: 50 }, async (_, at) => {
        const written = world.database.transaction(async (tx) => {
          await recordSignIn(tx, {
            outcome: "allowed",
            personId: randomUUID(),
            sessionId: null,
            address: "",
          });
          if (at % 5 === 0) throw new Error("rolled back");
        });
        await written.catch(() => {});
      });
      const sealers = Array.from({ length: 4 }, async () => {
        for (let turn = 0; turn < 5; turn++) await seal();
      });
      await Promise.all([...writers, ...sealers]);
      await sealAll();
      const [head] = await world.database.select().from(auditHeads).orderBy(sql`size desc`).limit(1);
      expect(await waiting()).toBe(
        await world.count(sql`audit_queue q join audit_events e using (seq) where outcome = 'refused'`),
      );
      expect(openCheckpoint(head?.checkpoint ?? "", signer.vkey).root.toString("base64")).toBe(
        await rootOfRows(),
      );
      const heads = await world.database.select().from(auditHeads).orderBy(auditHeads.size);
      expect(new Set(heads.map(({ size }) => size)).size).toBe(heads.length);
    });

    it("passes over a row into which a repeat is being folded, and seals it as it then is", async () => {
      await write("refused", randomUUID());
      await world.database.execute(sql`alter table audit_events disable trigger user`);
      await world.database.execute(
        sql`update audit_events set at = at - interval '2 minutes' where seq in (select seq from audit_queue)`,
      );
      await world.database.execute(
        sql`update audit_events set mac = ${await macOfLast()} where seq in (select seq from audit_queue)`,
      );
      await world.database.execute(sql`alter table audit_events enable trigger user`);
      let commit = () => {};
      const holding = new Promise<void>((resolve) => {
        commit = resolve;
      });
      let hasFolded = () => {};
      const folded = new Promise<void>((resolve) => {
        hasFolded = resolve;
      });
      const mac = await macOfLast(1);
      const folding = world.database.transaction(async (tx) => {
        await tx.execute(
          sql`update audit_events set repeats = repeats + 1, mac = ${mac} where seq in (select max(seq) from audit_queue)`,
        );
        hasFolded();
        await holding;
      });
      await folded;
      await sealAll();
      expect(await waiting()).toBe(1);
      commit();
      await folding;
      const head = await seal();
      expect(openCheckpoint(head?.checkpoint ?? "", signer.vkey).root.toString("base64")).toBe(
        await rootOfRows(),
      );
      expect(await waiting()).toBe(0);
    });

    it("does not wait for a transaction that stalls, and takes its row when it comes", async () => {
      await sealAll();
      let commit = () => {};
      const stalled = world.database.transaction(async (tx) => {
        await recordSignIn(tx, {
          outcome: "allowed",
          personId: randomUUID(),
          sessionId: null,
          address: "late",
        });
        await new Promise<void>((resolve) => {
          commit = resolve;
        });
      });
      await write();
      const head = await seal();
      expect(head).toMatchObject({ sealed: 1 });
      commit();
      await stalled;
      expect(await seal()).toMatchObject({ sealed: 1, size: (head?.size ?? 0) + 1 });
    });
  }
});
