import { createHash } from "node:crypto";
import { commitmentOf } from "../opening";
import type { ReadOpening } from "../read-opening";
import { isOurs, type StoredRow } from "../stored";
import { assertion, faultOfAssertion, type RelyingPartyOfLog } from "./check-assertion";
import { Enrolments } from "./enrolments";
import { Erasures } from "./erasures";

export type CheckedLog = {
  rp: RelyingPartyOfLog;
  /** Without it, as an outsider has the log, MACs are not checked. */
  auditKey: Buffer | null;
  /** Whether it is a demo's: elsewhere seeded history is somebody's invention. */
  demo: boolean;
};

export type RowToCheck = { row: StoredRow; opening: ReadOpening | null };

/** What is wrong with a row, by what was checked; null: nothing. */
export type RowChecks = Record<"mac" | "opening" | "signature", string | null>;

/**
 * Checks rows one after another, in the order of the log: the app's MAC, what a row commits to, and the passkeys'
 * signatures with the keys that earlier rows saw enrolled.
 */
export class RowChecker {
  readonly enrolments = new Enrolments();
  readonly erasures = new Erasures();
  readonly counts = { rows: 0, demo: 0, signatures: 0, erased: 0 };

  constructor(private readonly log: CheckedLog) {}

  async faultsOf(checked: RowToCheck): Promise<string[]> {
    const { mac, opening, signature } = await this.checksOf(checked);
    return [mac, opening, signature].filter((fault) => fault !== null);
  }

  /** The same, check by check: what is wrong, or null. */
  async checksOf({ row, opening }: RowToCheck): Promise<RowChecks> {
    this.counts.rows += 1;
    if (row.isDemo) this.counts.demo += 1;
    if (opening?.state === "erased") this.counts.erased += 1;
    const mac = this.faultOfMac(row);
    this.enrolments.note(row);
    this.erasures.note(row, opening?.state === "erased", mac === null);
    return {
      mac,
      opening: faultOfOpening(row, opening),
      signature: await this.faultOfSignature(row, opening),
    };
  }

  private faultOfMac(row: StoredRow): string | null {
    const { auditKey, demo } = this.log;
    if (row.isDemo && !demo) return "it is marked as demo history, which this installation has none of";
    if (row.isDemo) return row.mac === null ? null : "it is marked as demo history, and carries a MAC";
    if (row.mac === null) return "it carries no MAC of the app";
    if (auditKey && !isOurs(row, auditKey))
      return "it was not written by the app, or changed since: its MAC does not fit";
    return null;
  }

  private async faultOfSignature(row: StoredRow, opening: ReadOpening | null): Promise<string | null> {
    const given = memberOf(row.detail, "assertion");
    if (given === undefined) return null;
    this.counts.signatures += 1;
    const kept = assertion.safeParse(given);
    if (!kept.success) return "the passkey's signature can't be read";
    const enrolled = this.enrolments.find(row.actorId, row.authenticatorId);
    const ended = enrolled ? this.enrolments.faultAt(enrolled, row.at) : null;
    return ended ?? faultOfAssertion(kept.data, enrolled, opening?.told ?? null, this.log.rp);
  }
}

function faultOfOpening(row: StoredRow, opening: ReadOpening | null): string | null {
  if (!opening || opening.state === "none" || opening.state === "erased") return null;
  if (opening.state === "unreadable" || opening.text === null || !opening.told)
    return "what it tells can't be opened: a key is missing, or it was changed";
  if (commitmentOf(opening.text) !== row.digest) return "what it tells is not what it commits to";
  const { content, digest } = opening.told;
  if (content !== undefined && createHash("sha256").update(content).digest("hex") !== digest)
    return "what was confirmed does not fit its digest";
  return null;
}

function memberOf(detail: unknown, name: string): unknown {
  return typeof detail === "object" && detail !== null
    ? (detail as Record<string, unknown>)[name]
    : undefined;
}
