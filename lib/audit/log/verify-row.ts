import { eq } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import type { KeyRing } from "@/lib/platform/key-ring";
import { type OpeningState, type ReadOpening, readOpening } from "../read-opening";
import { isOurs, leafText, type StoredRow } from "../stored";
import type { RelyingPartyOfLog } from "./check-assertion";
import { CheckpointError, openCheckpoint, type TreeHead } from "./checkpoint";
import { faultOfErasure } from "./erasures";
import { hashLeaf, inclusionProof, verifyInclusion } from "./merkle";
import { type RowWithLeaf, readEndings, readEnrolment, selectWithLeaf } from "./read-row";
import { RowChecker, type RowChecks } from "./row-checker";
import { MissingHash, readNewestHead, readNodes } from "./tree";

export type RowLog = {
  read: Reader;
  ring: KeyRing;
  auditKey: Buffer;
  vkey: string;
  rp: RelyingPartyOfLog;
  /** Demo mode is on: seeded history belongs here. */
  demo: boolean;
};

/** One check of a row, in words for the person who asks. `not-done`: there is nothing to check, or not yet. */
export type RowCheck = {
  name: "mac" | "place" | "told" | "signature";
  result: "passed" | "failed" | "not-done";
  sentence: string;
};

export type RowVerdict = {
  row: StoredRow;
  /** Its leaf in the sealed log; null: it has none yet. */
  index: number | null;
  told: OpeningState;
  checks: RowCheck[];
};

/**
 * Checks one row with what verify-log.ts checks all of them with: the app's MAC, its place below the head that was
 * signed last, what it commits to, and the passkey's signature with the key that the log saw enrolled. Says nothing of
 * the other rows. Knows nothing of who asks. null: there is no such row.
 */
export async function verifyRow(log: RowLog, eventId: string): Promise<RowVerdict | null> {
  const [found] = await selectWithLeaf(log.read).where(eq(auditEvents.id, eventId));
  if (!found) return null;
  const { row, index } = found;
  const opening = await readOpening(log.read, log.ring, row);
  const checker = new RowChecker(log);
  const enrolled = row.factor === "passkey" ? await readEnrolment(log.read, row) : null;
  const ofEnrolment =
    enrolled && enrolled.row.seq !== row.seq
      ? ((await faultOfEnrolment(log, checker, enrolled)) ??
        (await faultOfEndings(log, checker, enrolled, row)))
      : null;
  const faults = await checker.checksOf({ row, opening });
  if (opening.state === "erased") faults.opening = await faultOfErasure(log.read, row, log.auditKey);
  return {
    row,
    index: index === null ? null : Number(index),
    told: opening.state,
    checks: [
      checkOfMac(row, faults),
      await checkOfPlace(log, found),
      checkOfTold(opening, faults),
      checkOfSignature(row, opening, faults.signature ?? ofEnrolment),
    ],
  };
}

/** The key that a signature is checked with counts for as much as the row that it came by. */
async function faultOfEnrolment(
  log: RowLog,
  checker: RowChecker,
  enrolled: RowWithLeaf,
): Promise<string | null> {
  const { mac } = await checker.checksOf({ row: enrolled.row, opening: null });
  const place = await checkOfPlace(log, enrolled);
  const fault = mac ?? (place.result === "failed" ? place.sentence : null);
  return fault && `the row of the passkey's enrolment is not as it should be: ${fault}`;
}

/** What ended the passkey in between counts as much: whoever revives one in its table signs with it again. */
async function faultOfEndings(
  log: RowLog,
  { enrolments }: RowChecker,
  enrolled: RowWithLeaf,
  row: StoredRow,
): Promise<string | null> {
  for (const ending of await readEndings(log.read, enrolled.row, row)) {
    if (!isOurs(ending, log.auditKey))
      return `row ${ending.seq}, which may have ended the passkey, was not written by the app, or changed since`;
    enrolments.note(ending);
  }
  return null;
}

function checkOfMac(row: StoredRow, { mac }: RowChecks): RowCheck {
  if (mac) return failed("mac", mac);
  if (row.isDemo) return notDone("mac", "Seeded demo history: the app made no MAC for it.");
  return passed("mac", "The app wrote exactly this row: its MAC fits.");
}

async function checkOfPlace(log: RowLog, { row, index, waits }: RowWithLeaf): Promise<RowCheck> {
  if (index === null && waits)
    return notDone("place", "Not sealed yet: that takes a second or two, after a refusal a minute.");
  if (index === null) return failed("place", "it has no leaf in the sealed log, and waits for none");
  const head = await headOf(log);
  if (!head) return failed("place", "the newest head of the log is not signed by this installation's key");
  const at = Number(index);
  if (at >= head.size)
    return failed("place", `its leaf ${at} is beyond the signed head of ${head.size} rows`);
  return (await isIncluded(log, row, at, head))
    ? passed(
        "place",
        `Leaf ${at} of the sealed log: the proof leads from it to the signed head of ${head.size} rows.`,
      )
    : failed("place", `it was changed after it was sealed: leaf ${at} does not lead to the signed head`);
}

async function isIncluded({ read }: RowLog, row: StoredRow, index: number, head: TreeHead): Promise<boolean> {
  try {
    const proof = await inclusionProof(index, head.size, (wanted) => readNodes(read, wanted));
    return verifyInclusion(hashLeaf(Buffer.from(leafText(row))), index, head.size, proof, head.root);
  } catch (error) {
    if (error instanceof MissingHash) return false;
    throw error;
  }
}

async function headOf({ read, vkey }: RowLog): Promise<TreeHead | null> {
  const newest = await readNewestHead(read);
  if (!newest) return null;
  try {
    return openCheckpoint(newest.checkpoint, vkey);
  } catch (error) {
    if (error instanceof CheckpointError) return null;
    throw error;
  }
}

function checkOfTold({ state }: ReadOpening, { opening }: RowChecks): RowCheck {
  if (opening) return failed("told", opening);
  if (state === "erased") return notDone("told", "What it told was erased; what it committed to stays.");
  if (state === "none") return notDone("told", "Nothing is sealed in it.");
  return passed("told", "What it tells is sealed, and is what the row commits to.");
}

function checkOfSignature(row: StoredRow, { state }: ReadOpening, fault: string | null): RowCheck {
  if (fault) return failed("signature", fault);
  const isSigned = typeof row.detail === "object" && row.detail !== null && "assertion" in row.detail;
  if (!isSigned) return notDone("signature", "No passkey signed it.");
  const over =
    state === "open" ? "over exactly what was confirmed" : "over something that can't be read any more";
  return passed(
    "signature",
    `The passkey's signature fits, ${over}, with the key that this log saw enrolled.`,
  );
}

function passed(name: RowCheck["name"], sentence: string): RowCheck {
  return { name, result: "passed", sentence };
}

function notDone(name: RowCheck["name"], sentence: string): RowCheck {
  return { name, result: "not-done", sentence };
}

/** Faults are told as the end of a sentence, "row 7: it was …". */
function failed(name: RowCheck["name"], fault: string): RowCheck {
  return { name, result: "failed", sentence: `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.` };
}
