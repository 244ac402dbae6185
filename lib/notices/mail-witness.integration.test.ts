import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { World } from "@/lib/testing/pipeline";
import { mailWitness } from "./mail-witness";

describe.each(testDatabases.map(({ name }) => name))("the log's witness by mail on %s", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const tell = (day: string, head: string) =>
    mailWitness(world.database, "auditor@company.example", day, head);

  it("gets one head a day, whichever process is first, and each day's", async () => {
    await Promise.all([1, 2, 3].map((process) => tell("2026-11-24", `head of process ${process}`)));
    await tell("2026-11-24", "a later head");
    await tell("2026-11-25", "the next day's head");
    const mails = await world.mailsTo("auditor@company.example");
    expect(mails.map(({ subject }) => subject).sort()).toEqual([
      "Keyturn's audit log on 2026-11-24",
      "Keyturn's audit log on 2026-11-25",
    ]);
    expect(mails.map(({ body }) => body).join()).toContain("the next day's head");
    expect(mails.map(({ body }) => body).join()).not.toContain("a later head");
  });
});
