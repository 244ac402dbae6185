import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Tx } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { testDatabases } from "@/db/testing";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { editCustomer } from "@/lib/customers/edit-customer";
import { removeFactor } from "@/lib/security/remove-factor";
import type { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { otherSigner, rp, signer } from "@/lib/testing/log";
import { answersWithPasskey, enrolsAPasskey } from "@/lib/testing/passkey";
import { type Browser, bankChange, edit, testSecrets, World } from "@/lib/testing/pipeline";
import { eraseFromLog } from "../erase";
import { leafText, macOf, storedColumns } from "../stored";
import { signCheckpoint } from "./checkpoint";
import { exportLines, verifyExport } from "./export-log";
import { logSigner } from "./log-key";
import { CompactRange, hashLeaf } from "./merkle";
import { sealRows } from "./seal-rows";
import { verifyLog } from "./verify-log";

describe.each(testDatabases.map(({ name }) => name))("the log, checked, on %s", (kind) => {
  let world: World;
  let acme: { id: string };
  let outside = "";
  let bank = 0;
  let removed = "";

  beforeAll(async () => {
    world = await World.open(kind);
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    acme = await world.customer();
    const device = await enrolsAPasskey(browser);
    const change = bankChange({ id: acme.id, version: 1 });
    const proof = answersWithPasskey(browser, device, await browser.calls(changeBankDetails, change));
    expect(await browser.calls(changeBankDetails, change, { proof })).toMatchObject({ status: "done" });
    const moved = edit({ id: acme.id, version: 2 }, { city: "Bremen" });
    expect(await browser.calls(editCustomer, moved)).toMatchObject({ status: "done" });
    removed = await removesAnother(browser, device);
    outside = (await sealRows(world.database, signer))?.checkpoint ?? "";
    const [row] = await world.audit("customer.change-bank-details");
    bank = Number(row?.seq);
  });
  afterAll(() => world.close());

  /** Adds a second passkey, which the first one vouches for, and removes it. Its id. */
  async function removesAnother(browser: Browser, first: SoftwareAuthenticator): Promise<string> {
    const proofOf = (answer: Parameters<typeof answersWithPasskey>[2]) =>
      answersWithPasskey(browser, first, answer);
    await enrolsAPasskey(browser, proofOf);
    const authenticatorId = (await world.audit("security.activate-factor")).at(-1)?.authenticatorId ?? "";
    const proof = proofOf(await browser.calls(removeFactor, { authenticatorId }));
    expect(await browser.calls(removeFactor, { authenticatorId }, { proof })).toMatchObject({
      status: "done",
    });
    return authenticatorId;
  }

  const verify = (heads: string[] = [outside]) =>
    verifyLog({
      read: world.reader,
      ring: testSecrets.encryptionKeys,
      auditKey: testSecrets.auditKey,
      vkey: signer.vkey,
      rp,
      demo: false,
      outside: heads.map((checkpoint) => ({ name: "yesterday's head", checkpoint })),
    });
  const wordsOf = async (heads?: string[]) =>
    (await verify(heads)).findings.map(({ words }) => words).join("; ");

  /** As the database's owner, who is stopped by no trigger; everything is taken back afterwards. */
  async function whenTheOwner(
    ...changes: (SQL | ((tx: Tx) => Promise<void>))[]
  ): Promise<{ words: string; seqs: (number | null)[] }> {
    class Enough extends Error {}
    let found = { words: "", seqs: [] as (number | null)[] };
    await world.database
      .transaction(async (tx) => {
        for (const table of ["audit_events", "audit_leaves", "audit_nodes", "audit_heads"])
          await tx.execute(sql`alter table ${sql.identifier(table)} disable trigger user`);
        for (const change of changes) await (typeof change === "function" ? change(tx) : tx.execute(change));
        const { findings } = await verifyLog({
          read: tx,
          ring: testSecrets.encryptionKeys,
          auditKey: testSecrets.auditKey,
          vkey: signer.vkey,
          rp,
          demo: false,
          outside: [{ name: "yesterday's head", checkpoint: outside }],
        });
        found = {
          words: findings.map(({ words }) => words).join("; "),
          seqs: findings.map(({ seq }) => seq),
        };
        throw new Enough();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Enough)) throw error;
      });
    return found;
  }

  it("fits, with a signature that was checked again and an enrolment that it is of", async () => {
    const verdict = await verify();
    expect(verdict.findings).toEqual([]);
    expect(verdict.counts).toMatchObject({ signatures: 3, demo: 0, erased: 0 });
    expect(verdict.sealed).toBe(await world.count(sql`audit_leaves`));
  });

  const rowChanges: [string, () => SQL][] = [
    ["outcome", () => sql`update audit_events set outcome = 'failed' where seq = ${bank}`],
    ["actor", () => sql`update audit_events set actor_id = gen_random_uuid() where seq = ${bank}`],
    ["time", () => sql`update audit_events set at = at + interval '1 microsecond' where seq = ${bank}`],
    [
      "era",
      () =>
        sql`update audit_events set at = (to_char(at at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS.US') || '+00 BC')::timestamptz where seq = ${bank}`,
    ],
    ["record", () => sql`update audit_events set record_id = 'x' where seq = ${bank}`],
    ["sealed part", () => sql`update audit_events set sealed = null where seq = ${bank}`],
    ["commitment", () => sql`update audit_events set digest = repeat('0', 64) where seq = ${bank}`],
    [
      "mark of demo history",
      () => sql`update audit_events set is_demo = true, mac = null where seq = ${bank}`,
    ],
    ["MAC", () => sql`update audit_events set mac = null where seq = ${bank}`],
    ["detail", () => sql`update audit_events set detail = '{"x": 1e400}' where seq = ${bank}`],
    ["assertion", () => sql`update audit_events set detail = detail - 'assertion' where seq = ${bank}`],
  ];
  it.each(rowChanges)("shows a row whose %s was changed, and says which row", async (_what, change) => {
    const { words, seqs } = await whenTheOwner(change());
    expect(seqs[0]).toBe(bank);
    expect(words).toContain("it was changed after it was sealed");
    expect(words).toContain("up to here the log is not the one");
  });

  it("shows a row that was changed together with its stored hash", async () => {
    const { words } = await whenTheOwner(
      sql`update audit_events set outcome = 'failed' where seq = ${bank}`,
      sql`delete from audit_nodes where level = 0 and index = (select index from audit_leaves where seq = ${bank})`,
    );
    expect(words).toContain("its MAC does not fit");
    expect(words).toContain("yesterday's head");
  });

  it("fits after the app has moved to another port of its host", async () => {
    const moved = await verifyLog({
      read: world.reader,
      ring: testSecrets.encryptionKeys,
      auditKey: testSecrets.auditKey,
      vkey: logSigner({ url: new URL("http://localhost:3100"), auditKey: testSecrets.auditKey }).vkey,
      rp: { id: "localhost", origin: "http://localhost:3100" },
      demo: false,
      outside: [],
    });
    expect(moved.findings).toEqual([]);
  });

  it("shows two rows that changed places", async () => {
    const { words } = await whenTheOwner(
      sql`update audit_leaves set seq = -seq where seq in (${bank}, ${bank + 1})`,
      sql`update audit_leaves set seq = case when seq = ${-bank} then ${bank + 1}::bigint else ${bank}::bigint end where seq < 0`,
    );
    expect(words).toContain("it was changed after it was sealed");
  });

  it("shows a row that was put in, with or without a leaf", async () => {
    const insert = sql`insert into audit_events (id, at, action, outcome, detail, mac) values
      (gen_random_uuid(), now(), 'session.sign-in', 'allowed', '{}', repeat('0', 64))`;
    expect((await whenTheOwner(insert)).words).toContain("its MAC does not fit");
    const copied = sql`insert into audit_events (id, at, actor_id, action, outcome, detail, mac)
      select gen_random_uuid(), at, actor_id, action, outcome, detail, mac from audit_events where seq = ${bank + 1}`;
    expect((await whenTheOwner(copied)).words).toContain("its MAC does not fit");
  });

  it.each(["-5", "9007199254740993"])("shows a row that was put in under the number %s", async (seq) => {
    const { words } = await whenTheOwner(
      sql`insert into audit_events (seq, at, action, outcome, detail, mac) overriding system value values
        (${seq}, now(), 'session.sign-in', 'allowed', '{}', repeat('0', 64))`,
      sql`insert into audit_queue values (${seq}) on conflict do nothing`,
    );
    expect(words).toContain("its MAC does not fit");
    expect(words.includes("waits for none")).toBe(seq !== "-5");
  });

  it.each(["-1", "9007199254740993"])("shows a row that was put in with a leaf at %s", async (index) => {
    const { words } = await whenTheOwner(
      sql`insert into audit_events (at, action, outcome, detail, mac) values
        (now(), 'session.sign-in', 'allowed', '{}', repeat('0', 64))`,
      sql`insert into audit_leaves (index, seq) select ${index}::bigint, max(seq) from audit_events`,
    );
    expect(words).toContain("it has no leaf, and waits for none; it was not written by the app");
  });

  it("shows a row that was put in and waited for its leaf: it gets none", async () => {
    const { words } = await whenTheOwner(async (tx) => {
      await tx.execute(sql`alter table audit_events enable trigger user`);
      await tx.execute(sql`insert into audit_events (at, action, outcome, detail, mac)
          values (now(), 'session.sign-in', 'allowed', '{}', repeat('0', 64))`);
      const told = vi.spyOn(console, "error").mockImplementation(() => {});
      await sealRows(tx, signer);
      told.mockRestore();
    });
    expect(words).toMatch(/^it has no leaf, and waits for none; .*its MAC does not fit$/);
  });

  it("shows a deleted row, with or without its leaf", async () => {
    const row = sql`delete from audit_events where seq = ${bank}`;
    expect(await whenTheOwner(row)).toMatchObject({
      seqs: [bank],
      words: expect.stringContaining("deleted"),
    });
    const leaf = sql`delete from audit_leaves where seq = ${bank}`;
    expect((await whenTheOwner(row, leaf)).words).toContain("the log has a gap");
  });

  it("shows a row that was kept from the log", async () => {
    const { words } = await whenTheOwner(
      sql`delete from audit_leaves where seq = ${bank}`,
      sql`update audit_leaves set index = index - 1 where seq > ${bank}`,
    );
    expect(words).toContain("it has no leaf, and waits for none");
    expect(words).toContain("yesterday's head");
  });

  it("shows a log that was cut off, head and all, by the head that was kept elsewhere, and by nothing else", async () => {
    const cut = [
      sql`delete from audit_events where seq >= ${bank}`,
      sql`delete from audit_leaves`,
      sql`delete from audit_heads`,
      sql`delete from passkeys`,
      sql`insert into audit_queue select seq from audit_events on conflict do nothing`,
    ];
    expect((await whenTheOwner(...cut)).words).toMatch(
      /^yesterday's head is of \d+ rows: the log was cut off at 0$/,
    );
  });

  it("shows a head in whose place an older one was put", async () => {
    const [first] = await world.audit();
    const root = hashLeaf(Buffer.from(leafText(first!)));
    const older = signCheckpoint({ origin: signer.origin, size: 1, root }, signer.key);
    const { words } = await whenTheOwner(sql`update audit_heads set checkpoint = ${older}`);
    expect(words).toMatch(/^the stored head of \d+ rows was signed for 1 rows$/);
  });

  it("shows a passkey's key that was swapped, in its table or in the log", async () => {
    const { words } = await whenTheOwner(sql`update passkeys set public_key = '\\x00'`);
    expect(words).toContain("has another key than the one that was enrolled");
    const swapped = await whenTheOwner(
      sql`update audit_events set detail = jsonb_set(detail, '{assertion,publicKey}', '"AAAA"') where seq = ${bank}`,
    );
    expect(swapped.words).toContain("signed by another key than the one that was enrolled");
  });

  it("shows a passkey that was moved to another account, in its table or in a row", async () => {
    const moved = await whenTheOwner(
      sql`update authenticators set user_id = gen_random_uuid() where factor = 'passkey' and removed_at is null`,
    );
    expect(moved.words).toMatch(/belongs to another account than the one that enrolled it$/);
    const anothers = await whenTheOwner(
      sql`update audit_events set actor_id = gen_random_uuid() where seq = ${bank}`,
    );
    expect(anothers.words).toContain("signed by a passkey that this log never saw enrolled");
  });

  it("shows a passkey that was removed and can answer again", async () => {
    const revived = await whenTheOwner(
      sql`update authenticators set removed_at = null where id = ${removed}`,
    );
    expect(revived.words).toBe(`the passkey ${removed} was removed, and can answer again`);
  });

  it("shows demo history in an installation that has none", async () => {
    const { words } = await whenTheOwner(
      sql`insert into audit_events (at, action, outcome, detail, is_demo) values (now(), 'customer.edit', 'allowed', '{}', true)`,
    );
    expect(words).toContain("it is marked as demo history, which this installation has none of");
  });

  it("shows a key of what rows tell that was emptied without an erasure", async () => {
    const change = sql`update audit_subject_keys set sealed_key = null, erased_at = now()`;
    const { words } = await whenTheOwner(change);
    expect(words).toContain("its key is gone, and no row tells of an erasure");
    const told = sql`insert into audit_events (at, action, outcome, record_type, record_id, detail)
      values (now(), 'audit.erase', 'allowed', 'customer', ${acme.id}, '{"contracts":[]}')`;
    expect((await whenTheOwner(change, told)).words).toContain("no row tells of an erasure");
  });

  describe("rewritten by somebody who holds the database and the audit key", () => {
    /** Everything anew and right in itself: rows, MACs, leaves, hashes, a signed head. */
    async function rewritten(): Promise<SQL[]> {
      const rows = await world.database.select(storedColumns).from(auditEvents).orderBy(auditEvents.seq);
      const tree = CompactRange.empty();
      const nodes: SQL[] = [];
      const changes: SQL[] = [
        sql`delete from audit_nodes`,
        sql`delete from audit_leaves`,
        sql`delete from audit_heads`,
      ];
      rows.forEach((row, at) => {
        const lie = Number(row.seq) === bank + 1 ? { ...row, address: "203.0.113.9" } : row;
        const whole = { ...lie, mac: macOf(lie, testSecrets.auditKey) };
        changes.push(
          sql`update audit_events set address = ${whole.address}, mac = ${whole.mac} where seq = ${whole.seq}`,
          sql`insert into audit_leaves (index, seq) values (${at}, ${whole.seq})`,
        );
        for (const { level, index, hash } of tree.push(hashLeaf(Buffer.from(leafText(whole)))))
          nodes.push(sql`insert into audit_nodes (level, index, hash) values (${level}, ${index}, ${hash})`);
      });
      const checkpoint = signCheckpoint(
        { origin: signer.origin, size: tree.size, root: tree.root() },
        signer.key,
      );
      return [
        ...changes,
        ...nodes,
        sql`insert into audit_heads (size, checkpoint) values (${tree.size}, ${checkpoint})`,
      ];
    }

    it("is shown by the head that was kept elsewhere, and by nothing else", async () => {
      const { words } = await whenTheOwner(...(await rewritten()));
      expect(words).toBe("up to here the log is not the one that yesterday's head was signed for");
    });
  });

  it("still fits once a customer's values are erased, and tells none of them", async () => {
    const [{ number } = { number: "" }] = await world.rows<{ number: string }>(
      sql`select number from customers where id = ${acme.id}`,
    );
    const erased = await world.database.transaction((tx) =>
      eraseFromLog(tx, { number, reason: "They asked for it" }),
    );
    expect(erased).toMatchObject({ keys: 1 });
    expect(await world.count(sql`grants where record_id = ${acme.id}`)).toBe(0);
    const verdict = await verify();
    expect(verdict.findings).toEqual([]);
    expect(verdict.counts).toMatchObject({ signatures: 3, erased: 2 });
    const [row] = await world.audit("customer.change-bank-details");
    expect(await world.told(row!)).toBeNull();
  });

  describe("exported", () => {
    async function* lines(change: (line: string, at: number) => string = (line) => line) {
      let at = 0;
      const of = { vkey: signer.vkey, rp };
      for await (const line of exportLines(world.reader, of)) yield change(line, at++);
    }
    const faults = async (from: AsyncIterable<string>, heads: string[] = []) =>
      (
        await verifyExport(
          from,
          signer.vkey,
          heads.map((checkpoint) => ({ name: "yesterday's head", checkpoint })),
        )
      ).findings.map(({ words }) => words);

    it("fits with the public key alone, and without a database", async () => {
      const verdict = await verifyExport(lines(), signer.vkey, [
        { name: "yesterday's head", checkpoint: outside },
      ]);
      expect(verdict).toMatchObject({ findings: [], counts: { signatures: 3 } });
      expect(verdict.sealed).toBe(await world.count(sql`audit_leaves`));
    });

    it("is not taken for whole when nothing is in it, or rows that no head covers", async () => {
      async function* nothing() {}
      expect(await faults(nothing(), [outside])).toEqual([
        "it is empty: not even the line about the log is there",
        expect.stringMatching(/^yesterday's head is of \d+ rows: the log was cut off at 0$/),
      ]);
      async function* longer() {
        let last = "";
        for await (const line of lines()) {
          last = line;
          yield line;
        }
        yield last;
      }
      expect(await faults(longer(), [outside])).toEqual([
        expect.stringMatching(/^no signed head covers what follows its first \d+ rows$/),
      ]);
    });

    it.each<[string, (row: Record<string, unknown>) => unknown]>([
      ["an outcome that there isn't", (row) => ({ ...row, outcome: "x" })],
      ["an id that is none", (row) => ({ ...row, id: "x" })],
      ["an erasure that tells nothing", (row) => ({ ...row, action: "audit.erase", detail: null })],
      ["no row", () => null],
    ])("is checked to its end though a line holds %s", async (_what, change) => {
      const with3 = (to: (line: string) => string) => lines((line, at) => (at === 3 ? to(line) : line));
      const changed = with3((line) => JSON.stringify(JSON.stringify(change(JSON.parse(JSON.parse(line))))));
      const verdict = await verifyExport(changed, signer.vkey, []);
      expect(verdict.sealed).toBe(await world.count(sql`audit_leaves`));
      expect(verdict.findings.at(-1)?.words).toMatch(/^no signed head covers/);
      expect(await faults(with3(() => "{"))).toContain("its leaf 2 is no row that can be read");
    });

    it("tells of no customer", async () => {
      let all = "";
      for await (const line of lines()) all += line;
      expect(all).not.toMatch(/Bremen|DE8937040044/);
    });

    it("shows a changed, a missing, a doubled and a cut-off row, and a head of another key", async () => {
      const changed = lines((line, at) => (at === 2 ? line.replace("allowed", "refused") : line));
      expect(await faults(changed, [outside])).toContain(
        "up to here the log is not the one that its own head was signed for",
      );
      async function* without(dropped: (at: number) => boolean, doubled = -1) {
        let at = 0;
        for await (const line of lines()) {
          if (!dropped(at)) yield line;
          if (at === doubled) yield line;
          at += 1;
        }
      }
      for (const broken of [without((at) => at === 2), without((at) => at > 2), without(() => false, 2)])
        expect(await faults(broken)).not.toEqual([]);
      const verdict = await verifyExport(lines(), otherSigner.vkey, []);
      expect(verdict.findings[0]?.words).toContain("not signed by this log");
    });
  });

  it("takes heads of this log alone, and says when one is of another", async () => {
    const { origin, key } = otherSigner;
    const foreign = signCheckpoint({ origin, size: 1, root: Buffer.alloc(32) }, key);
    expect(await wordsOf([foreign])).toContain("not signed by this log");
    expect(await wordsOf(["hello"])).toContain("not signed by this log");
  });
});
