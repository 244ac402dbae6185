import { setTimeout as pause } from "node:timers/promises";
import { refusal } from "@/app/refusal";
import { ownLog } from "@/lib/audit/log/log-key";
import { makeReceipt } from "@/lib/audit/receipt/make-receipt";
import { renderReceipt } from "@/lib/audit/receipt/receipt-page";
import { readReceiptHead } from "@/lib/customers/download-receipt";
import { currentSession, decidePage, recordOpening } from "@/lib/define-action";
import { runningReader } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";

type Props = { params: Promise<{ customerId: string; eventId: string }> };

const action = "customer.download-receipt";

/** The receipt as a file, behind the same gate as the button that leads here (threats.md 7d). */
export async function GET(_request: Request, { params }: Props): Promise<Response> {
  const session = await currentSession();
  if (!session) return refusal(401, "Sign in first.");
  const { customerId, eventId } = await params;
  const read = await runningReader();
  const head = await readReceiptHead(read, session.person, customerId, eventId);
  if (!head) return refusal(404, "This doesn't exist, or isn't yours to see.");
  const decision = decidePage(action, session);
  if (decision.outcome !== "satisfied") return refusal(403, "Use the button in the customer's activity.");
  await recordOpening(action, session, decision, { type: "customer", id: head.customerId });

  const { signer, rp } = ownLog();
  const issuer = { ring: secrets().encryptionKeys, vkey: signer.vkey, rp };
  const receipt = await onceSealed(() => makeReceipt(read, issuer, head.eventId, head.customerName));
  if (!receipt) return refusal(503, "The log has not sealed this change yet. Try again in a minute.");
  return new Response(renderReceipt(receipt), {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Disposition": `attachment; filename="keyturn-receipt-${head.customerNumber}.html"`,
      "Cache-Control": "no-store",
    },
  });
}

/** A change of this very second is sealed in the next one. */
async function onceSealed<T>(make: () => Promise<T | null>): Promise<T | null> {
  for (let tries = 0; tries < 20; tries++) {
    const made = await make();
    if (made) return made;
    await pause(250);
  }
  return null;
}
