import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { people } from "@/db/schema/people";
import { fillForTests, seeded } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import { readAccountManagers, readTeam, readTeamsToCreateIn } from "./read";

const theo = seeded("theo");

describe.each(testDatabases)("teams and their people on $name", ({ open }) => {
  let opened: OpenDatabase;

  beforeAll(async () => {
    opened = await open();
    await fillForTests(opened.database, 0);
  });
  afterAll(() => opened.close());

  it("a team has a name; no id finds none", async () => {
    expect(await readTeam(opened.reader, theo.teamId!)).toEqual({ id: theo.teamId, name: "North" });
    expect(await readTeam(opened.reader, crypto.randomUUID())).toBeNull();
    expect(await readTeam(opened.reader, "north")).toBeNull();
  });

  it("an employee creates in the own team, a manager in all with the own one first, an administrator nowhere", async () => {
    const names = async (name: string) =>
      (await readTeamsToCreateIn(opened.reader, seeded(name))).map((team) => team.name);
    expect(await names("theo")).toEqual(["North"]);
    expect(await names("maya")).toEqual(["Key accounts", "North", "South", "West"]);
    expect(await names("ada")).toEqual([]);
  });

  it("a team's account managers are its people whose account is open", async () => {
    const before = await readAccountManagers(opened.reader, theo.teamId!);
    expect(before.map(({ name }) => name)).toEqual([
      "Aylin Demir",
      "Erin Novak",
      "Jonas Petersen",
      "Sjoerd Dijkstra",
      "Theo Brandt",
    ]);
    await opened.database.update(people).set({ disabledAt: new Date() }).where(eq(people.id, theo.id));
    const after = await readAccountManagers(opened.reader, theo.teamId!);
    expect(after.map(({ name }) => name)).not.toContain("Theo Brandt");
    expect(await readAccountManagers(opened.reader, "none")).toEqual([]);
  });
});
