import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { testDatabases } from "@/db/testing";
import { testSecrets, World } from "@/lib/testing/pipeline";
import { sealedColumns } from "./sealed-columns";
import { checkKeys, keysMissing } from "./watch";

describe.each(testDatabases)("the list of what is stored sealed, on $name", ({ name }) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(name);
  });
  afterAll(() => world.close());

  it("has every column of the database whose name says so, and no other", async () => {
    const columns = await world.rows<{ name: string }>(
      sql`select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and column_name like 'sealed%' and data_type = 'text'
          -- The log's texts are under their records' keys, which are in the list themselves.
          and table_name <> 'audit_events' order by 1`,
    );
    expect(columns.length).toBeGreaterThanOrEqual(4);
    expect(sealedColumns.map((one) => one.name).sort()).toEqual(columns.map((column) => column.name));
  });

  it("knows each table's primary key", async () => {
    for (const { name, key } of sealedColumns) {
      const [table] = name.split(".");
      const [row] = await world.rows<{ columns: number }>(
        sql`select array_length(conkey, 1) as columns from pg_constraint
          where conrelid = ${table}::regclass and contype = 'p'`,
      );
      expect([name, key.length]).toEqual([name, row?.columns]);
    }
  });

  it("and a key that is missing for it is named in the log at start, and told to monitoring", async () => {
    await world.employee({ totp: true });
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await checkKeys(world.reader, testSecrets.encryptionKeys);
    expect([keysMissing(), log.mock.calls]).toEqual([false, []]);
    await checkKeys(world.reader, [{ id: "other", key: Buffer.alloc(32, 1) }]);
    expect(keysMissing()).toBe(true);
    const told = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    log.mockRestore();
    expect(told).toMatchObject([
      {
        action: "keys",
        message: expect.stringContaining(
          "Key test is not in the ring; it sealed 1 of totp_seeds.sealed_seed",
        ),
      },
    ]);
  });
});
