import { receiptAnswer } from "@/app/receipt-answer";
import { refusal } from "@/app/refusal";
import { currentSession, decidePage, recordOpening } from "@/lib/define-action";
import { readAdministrativeReceipt } from "@/lib/oversight/download-receipt";
import { runningReader } from "@/lib/platform/running-database";

type Props = { params: Promise<{ eventId: string }> };

const action = "admin.download-receipt";

/** The receipt as a file, behind the same gate as the button that leads here (threats.md 7d). */
export async function GET(_request: Request, { params }: Props): Promise<Response> {
  const session = await currentSession();
  if (!session) return refusal(401, "Sign in first.");
  const { eventId } = await params;
  const head = await readAdministrativeReceipt(await runningReader(), session.person, eventId);
  if (!head) return refusal(404, "This doesn't exist, or isn't yours to see.");
  const decision = decidePage(action, session);
  if (decision.outcome !== "satisfied") return refusal(403, "Use the button on the row's page.");
  await recordOpening(action, session, decision, { type: "event", id: head.eventId });
  return receiptAnswer({ eventId: head.eventId, recordName: null, number: `row-${head.number}` });
}
