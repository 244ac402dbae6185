import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openingText, parseOpening, sealOpening, type Told } from "../opening";
import type { ReadOpening } from "../read-opening";
import { macOf, type StoredRow } from "../stored";
import { RowChecker } from "./row-checker";

const auditKey = Buffer.alloc(32, 9);
const subjectKey = [{ id: "subject", key: Buffer.alloc(32, 1) }];
const content = '{"format":"keyturn-digest-v1"}';
const told: Told = {
  by: { name: "Theo Brandt", email: "theo@keyturn.example" },
  digest: createHash("sha256").update(content).digest("hex"),
  content,
};

/** A row as the app writes it, with something changed before its MAC is made: by somebody who holds the audit key. */
function written(
  more: Partial<StoredRow> = {},
  tells: Told = told,
): { row: StoredRow; opening: ReadOpening } {
  const id = randomUUID();
  const { sealed, digest } = sealOpening(subjectKey, id, tells);
  const row = {
    seq: 1,
    id,
    at: "2026-11-24T10:00:00.000000Z",
    actorId: randomUUID(),
    sessionId: randomUUID(),
    action: "customer.change-bank-details",
    outcome: "allowed",
    recordType: "customer",
    recordId: randomUUID(),
    digest,
    factor: "totp",
    authenticatorId: null,
    policyVersion: 0,
    address: "192.0.2.1",
    detail: {},
    sealed,
    repeats: 1,
    isDemo: false,
    ...more,
  } satisfies Omit<StoredRow, "mac">;
  const text = openingText(subjectKey, id, sealed);
  const opening: ReadOpening = { state: "open", text, told: parseOpening(text) };
  return { row: { mac: macOf(row, auditKey), ...row }, opening };
}

const rp = { id: "localhost", origin: "http://localhost:3000" };
const faultsOf = (given: { row: StoredRow; opening: ReadOpening | null }, key: Buffer | null = auditKey) =>
  new RowChecker({ rp, auditKey: key, demo: true }).faultsOf(given);

describe("a row, checked", () => {
  it("fits as the app wrote it", async () => {
    expect(await faultsOf(written())).toEqual([]);
  });

  it("does not where it tells something else than it commits to, its MAC being right", async () => {
    expect(await faultsOf(written({ digest: "0".repeat(64) }))).toEqual([
      "what it tells is not what it commits to",
    ]);
  });

  it("does not where what was confirmed is not what its digest is over", async () => {
    expect(await faultsOf(written({}, { ...told, content: '{"format":"another"}' }))).toEqual([
      "what was confirmed does not fit its digest",
    ]);
  });

  it("does not without a MAC, for an outsider either, who can't check one", async () => {
    const { row, opening } = written();
    expect(await faultsOf({ row: { ...row, mac: null }, opening }, null)).toEqual([
      "it carries no MAC of the app",
    ]);
  });

  it("is not demo history because somebody says so", async () => {
    const { row, opening } = written();
    expect(await faultsOf({ row: { ...row, isDemo: true }, opening })).toEqual([
      "it is marked as demo history, and carries a MAC",
    ]);
  });

  it("tells that it can't be opened, but not where its values were erased", async () => {
    const { row } = written();
    const closed = (state: ReadOpening["state"]) => ({ row, opening: { state, text: null, told: null } });
    expect(await faultsOf(closed("unreadable"))).toHaveLength(1);
    expect(await faultsOf(closed("erased"))).toEqual([]);
  });
});
