import { Readable } from "node:stream";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { verifyExport } from "@/lib/audit/log/export-log";
import { logSigner } from "@/lib/audit/log/log-key";
import { sealRows } from "@/lib/audit/log/seal-rows";
import { lockNow } from "@/lib/security/session-commands";
import { type Browser, dataOf, type Someone, testSecrets, World } from "@/lib/testing/pipeline";
import { exportAudit, type UnlockedExport } from "./export-audit";
import { type AuditFilter, everyRow } from "./filter";
import { readLog } from "./read-log";
import { cancelExport, startExport } from "./stream-export";

const action = "admin.export-audit";
const { auditKey } = testSecrets;
const signer = logSigner({ url: new URL("http://localhost:3000"), auditKey, demo: true });
const log = { vkey: signer.vkey, rp: { id: "localhost", origin: "http://localhost:3000" } };

describe.each(testDatabases.map(({ name }) => name))("exporting the log on %s", (kind) => {
  let world: World;
  let ada: Someone;
  let browser: Browser;

  beforeAll(async () => {
    world = await World.open(kind);
    ada = await world.administrator({ totp: true, name: "=cmd|' /C calc'!A0" });
    browser = await ada.signsIn();
    await addRows(2_300);
  });
  afterAll(() => world.close());

  /** Rows of long ago, by Ada: more than the file is made of at a time. */
  async function addRows(count: number) {
    await world.rows(sql`insert into audit_events (at, actor_id, action, outcome, address, detail, is_demo)
      select '2021-05-01T00:00:00Z'::timestamptz + n * interval '1 second', ${ada.id}, 'session.sign-in',
        case when n % 10 = 0 then 'refused' else 'allowed' end, '192.0.2.9', '{"note": "a\\nb"}', true
      from generate_series(1, ${count}) n`);
  }

  const wanted = (filter: Partial<AuditFilter> = {}, format = "csv") => ({
    filter: { ...everyRow, ...filter },
    format,
  });

  async function unlocked(
    filter: Partial<AuditFilter> = {},
    format = "csv",
    by = browser,
  ): Promise<UnlockedExport> {
    await by.person.waitsForTheNextCode();
    return dataOf(await by.stepsUp(exportAudit, wanted(filter, format)));
  }

  async function started(token: string, by = browser, signal = new AbortController().signal) {
    const claimed = await by.claims(action, token);
    if (!claimed) return null;
    const session = (await by.session())!;
    return startExport({ read: world.reader, session, download: claimed, log, signal });
  }

  async function fileOf({ token }: UnlockedExport): Promise<string> {
    return textOf((await started(token))!.body);
  }

  /** With its byte order mark. */
  async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
    return Buffer.from(await new Response(body).arrayBuffer()).toString("utf8");
  }

  const lastRow = async () => (await world.audit(action)).at(-1)!;

  it("brings exactly the rows that the filter selects, whatever is written meanwhile, and the log says how many", async () => {
    const filter = { outcome: "refused", person: "calc", from: "2021-05-01", until: "2021-05-01" } as const;
    const unlock = await unlocked(filter, "json");
    expect(await lastRow()).toMatchObject({
      outcome: "allowed",
      factor: "totp",
      detail: { step: "unlocked", format: "json", filter: { ...everyRow, ...filter } },
    });
    const rows = (await fileOf(unlock))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const first = await readLog(world.reader, (await browser.session())!.person, {
      filter: { ...everyRow, ...filter },
      pageSize: 500,
    });
    expect(rows.map(({ id }) => id)).toEqual(first.rows.map(({ id }) => id).toReversed());
    expect(await lastRow()).toMatchObject({
      actorId: ada.id,
      outcome: "allowed",
      factor: "totp",
      address: browser.address,
      detail: { step: "sent", format: "json", rows: 230 },
    });
  });

  it("goes on over batches, and leaves out what comes after it was confirmed", async () => {
    const unlock = await unlocked({ action: "session.sign-in" });
    await addRows(5);
    const { rows, body } = (await started(unlock.token))!;
    const lines = (await textOf(body)).split("\r\n");
    expect(rows).toBeGreaterThanOrEqual(2_300);
    expect(lines.length - 2).toBe(rows);
    expect(new Set(lines).size).toBe(rows + 2);
  });

  it("runs no formula in a spreadsheet (threats.md 32)", async () => {
    const text = await fileOf(await unlocked({ outcome: "refused", until: "2021-12-31" }));
    expect(text.startsWith("\ufefftime,number,id,")).toBe(true);
    expect(text).toContain(",'=cmd|' /C calc'!A0,");
    expect(text).not.toMatch(/(^|,|\n)"?[=+@]/);
    expect(text.split("\n")).toHaveLength(text.split("\r\n").length);
  });

  it("is refused without a proof, and with the proof of another filter or format", async () => {
    await ada.waitsForTheNextCode();
    const asked = await browser.calls(exportAudit, wanted({ outcome: "refused" }));
    expect(asked).toMatchObject({
      status: "step-up-required",
      challenge: {
        binding: "input",
        prompt: {
          purpose: "to export the audit log",
          changes: [
            { label: "Format", to: "CSV" },
            { label: "Outcome", to: "refused" },
          ],
        },
      },
    });
    const proof = await browser.answersWithCode(asked);
    const before = await world.spent();
    for (const other of [wanted({ outcome: "allowed" }), wanted({ outcome: "refused" }, "json"), wanted()])
      expect(await browser.calls(exportAudit, other, { proof })).toMatchObject({
        status: "step-up-required",
        replaced: "changed",
      });
    expect(await world.spent()).toEqual(before);
    expect(await browser.calls(exportAudit, wanted({ outcome: "refused" }), { proof })).toMatchObject({
      status: "done",
    });
    expect(await browser.calls(exportAudit, wanted({ outcome: "refused" }))).toMatchObject({
      status: "step-up-required",
    });
  });

  it("is downloaded once, by the session that confirmed it, within a minute", async () => {
    const { token } = await unlocked();
    const other = await ada.signsIn();
    expect(await other.claims(action, token)).toBeNull();
    const stranger = await (await world.administrator({ totp: true })).signsIn();
    expect(await stranger.claims(action, token)).toBeNull();
    expect(await browser.claims("customer.export", token)).toBeNull();
    expect(await browser.claims(action, `${token}x`)).toBeNull();
    const claims = await Promise.all(Array.from({ length: 8 }, () => browser.claims(action, token)));
    expect(claims.filter((claimed) => claimed !== null)).toHaveLength(1);
    const late = await unlocked();
    await world.rows(
      sql`update downloads set expires_at = now() - interval '1 second' where claimed_at is null`,
    );
    expect(await browser.claims(action, late.token)).toBeNull();
  });

  it("is for no cookie from before the proof, and for none after “Lock now”", async () => {
    const own = await ada.signsIn();
    const copied = own.copy();
    const { token } = await unlocked({}, "csv", own);
    expect(await copied.claims(action, token)).toBeNull();
    expect(await own.calls(lockNow, {})).toMatchObject({ status: "done" });
    expect(await own.claims(action, token)).toBeNull();
  });

  it("stops where the session ends on the way, and says so in the log", async () => {
    const own = await ada.signsIn();
    const { token } = await unlocked({ action: "session.sign-in" }, "json", own);
    const reader = (await started(token, own))!.body.getReader();
    await reader.read();
    await reader.read();
    await world.rows(sql`update sessions set ended_at = now() where id = ${own.sessionId}`);
    await expect(drain(reader)).rejects.toThrow();
    expect(await lastRow()).toMatchObject({ outcome: "failed", detail: { step: "sent", rows: 1_000 } });
  });

  it("that is cancelled says in the log how much had gone out", async () => {
    const { token } = await unlocked({ action: "session.sign-in" }, "json");
    const reader = (await started(token))!.body.getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    const row = await lastRow();
    expect(row).toMatchObject({ outcome: "cancelled", detail: { step: "sent" } });
    expect(row.detail).toMatchObject({ rows: expect.toSatisfy((rows: number) => rows > 0 && rows < 2_300) });
  });

  it("whose client is gone before anybody reads ends with a row, and its stream brings nothing", async () => {
    for (const isGoneBefore of [true, false]) {
      const { token } = await unlocked({ action: "session.sign-in" }, "json");
      const request = new AbortController();
      if (isGoneBefore) request.abort();
      const begun = await started(token, browser, request.signal);
      request.abort();
      await expect.poll(lastRow).toMatchObject({ outcome: "cancelled", detail: { step: "sent", rows: 0 } });
      expect(await textOf(begun!.body)).toBe("");
    }
  });

  it("that is given up before it was asked for opens nothing any more, and the log says so", async () => {
    const { token } = await unlocked({}, "json");
    await cancelExport((await browser.claims(action, token))!);
    expect(await lastRow()).toMatchObject({ outcome: "cancelled", detail: { step: "sent", rows: 0 } });
    expect(await browser.claims(action, token)).toBeNull();
  });

  it("says why there is no sealed log before it begins: nothing was sealed, or a row is missing", async () => {
    const { token } = await unlocked({}, "sealed");
    await expect(started(token)).rejects.toThrow("Nothing was sealed yet");
    expect(await lastRow()).toMatchObject({ outcome: "failed", detail: { step: "sent", rows: 0 } });
    await sealRows(world.database, signer);
    await world.rows(sql`alter table audit_leaves disable trigger user`);
    const [leaf] = await world.rows<{ index: string; seq: string }>(
      sql`update audit_leaves set seq = -seq where index = 3 returning index, seq`,
    );
    const again = await unlocked({}, "sealed");
    await expect(started(again.token)).rejects.toThrow(`row ${leaf!.seq} is missing`);
    await world.rows(sql`update audit_leaves set seq = -seq where index = 3`);
    await world.rows(sql`alter table audit_leaves enable trigger user`);
  });

  it("brings the sealed log as a whole, which an outsider verifies, and no customer's values", async () => {
    await sealRows(world.database, signer);
    const refused = wanted({ outcome: "refused" }, "sealed");
    expect(await browser.calls(exportAudit, refused)).toMatchObject({ status: "invalid" });
    const { rows, body } = (await started((await unlocked({}, "sealed")).token))!;
    const lines = (await textOf(body)).trimEnd().split("\n");
    expect(lines).toHaveLength(rows + 1);
    const verdict = await verifyExport(Readable.from(lines), signer.vkey, []);
    expect(verdict).toMatchObject({ sealed: rows, findings: [] });
    expect(lines.join()).not.toContain("Hamburg");
    expect(await lastRow()).toMatchObject({ outcome: "allowed", detail: { format: "sealed", rows } });
    const changed = lines.map((line) => line.replaceAll("192.0.2.9", "192.0.2.8"));
    expect((await verifyExport(Readable.from(changed), signer.vkey, [])).findings).not.toEqual([]);
  });

  it("is for administrators and auditors alone", async () => {
    const auditor = await world.auditor({ totp: true });
    const own = await auditor.signsIn();
    expect(await own.stepsUp(exportAudit, wanted())).toMatchObject({ status: "done" });
    for (const someone of [await world.employee({ totp: true }), await world.manager({ totp: true })])
      expect(await (await someone.signsIn()).calls(exportAudit, wanted())).toMatchObject({
        status: "forbidden",
      });
  });
});

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  for (;;) if ((await reader.read()).done) return;
}
