import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { World } from "@/lib/testing/pipeline";
import { sealedColumns } from "./sealed-columns";

describe.each(testDatabases)("the list of what is stored sealed, on $name", ({ name }) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(name);
  });
  afterAll(() => world.close());

  it("has every column of the database whose name says so, and no other", async () => {
    const columns = await world.rows<{ name: string }>(
      sql`select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'public' and column_name like 'sealed%' order by 1`,
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
});
