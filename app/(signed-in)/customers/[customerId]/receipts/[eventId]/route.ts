import { receiptAnswer } from "@/app/receipt-answer";
import { refusal } from "@/app/refusal";
import { readReceiptHead } from "@/lib/customers/download-receipt";
import { currentSession, decidePage, recordOpening } from "@/lib/define-action";
import { runningReader } from "@/lib/platform/running-database";

type Props = { params: Promise<{ customerId: string; eventId: string }> };

const action = "customer.download-receipt";

/** The receipt as a file, behind the same gate as the button that leads here (threats.md 7d). */
export async function GET(_request: Request, { params }: Props): Promise<Response> {
  const session = await currentSession();
  if (!session) return refusal(401, "Sign in first.");
  const { customerId, eventId } = await params;
  const head = await readReceiptHead(await runningReader(), session.person, customerId, eventId);
  if (!head) return refusal(404, "This doesn't exist, or isn't yours to see.");
  const decision = decidePage(action, session);
  if (decision.outcome !== "satisfied") return refusal(403, "Use the button in the customer's activity.");
  await recordOpening(action, session, decision, { type: "customer", id: head.customerId });
  return receiptAnswer({
    eventId: head.eventId,
    recordName: head.customerName,
    number: head.customerNumber,
  });
}
