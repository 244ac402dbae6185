import { setTimeout as pause } from "node:timers/promises";
import { ownLog } from "@/lib/audit/log/log-key";
import { sealingFault } from "@/lib/audit/log/sealing-fault";
import { makeReceipt } from "@/lib/audit/receipt/make-receipt";
import { renderReceipt } from "@/lib/audit/receipt/receipt-page";
import { runningReader } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import { refusal } from "./refusal";

/** The receipt of a row as a file. Knows nothing of who asks: the route that calls it has looked at the gate. */
export async function receiptAnswer(of: {
  eventId: string;
  recordName: string | null;
  /** Stands in the file's name. */
  number: string;
}): Promise<Response> {
  const read = await runningReader();
  const { signer, rp } = ownLog();
  const { encryptionKeys: ring, auditKey } = secrets();
  const issuer = { ring, auditKey, vkey: signer.vkey, rp };
  const receipt = await onceSealed(() => makeReceipt(read, issuer, of.eventId, of.recordName));
  if (receipt === "unprovable") return refusal(409, unprovableWords);
  if (!receipt) return refusal(503, missingWords());
  return new Response(renderReceipt(receipt), {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Disposition": `attachment; filename="keyturn-receipt-${of.number}.html"`,
      "Cache-Control": "no-store",
    },
  });
}

const unprovableWords =
  "There is no receipt of this: its row was changed, or what it tells can't be opened. An administrator finds more on the Audit page.";

function missingWords(): string {
  return sealingFault()
    ? "The log is not being sealed, so there are no receipts now. An administrator finds the reason on the Audit page."
    : "The log has not sealed this change yet. Try again in a minute.";
}

/** A change of this very second is sealed in the next one. */
async function onceSealed<T>(make: () => Promise<T | null>): Promise<T | null> {
  for (let tries = 0; tries < 20; tries++) {
    const made = await make();
    if (made) return made;
    if (sealingFault()) return null;
    await pause(250);
  }
  return null;
}
