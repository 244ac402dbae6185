import { createHash, createHmac } from "node:crypto";
import { and, eq, gt, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { factorTrials } from "@/db/schema/policy";
import { deliveryOf } from "@/lib/notices/delivery";
import { environment } from "@/lib/platform/env";
import { deriveKey } from "@/lib/platform/key-ring";
import { secrets } from "@/lib/platform/secrets";
import { type CodeFactor, isCodeFactor } from "@/lib/security/code-messages";
import { factorWords } from "@/lib/step-up/factor-words";
import { readOpenCode } from "@/lib/step-up/factors/sent-code/codes";
import type { Delivery } from "@/lib/step-up/factors/sent-code/sent-code";
import type { SessionFacts } from "@/lib/step-up/facts";
import { Invalid } from "@/lib/step-up/refusal";
import { isFactorOn, type PolicyDocument, switchableFactors } from "../document";

/** How long a trial counts: a gateway that worked last year is not known to work. */
const trialHours = 24;

/** What a code that is sent to try a factor is for: of this factor, through the gateway as it is set up now. */
export function boundToTrial(factor: CodeFactor): string {
  return createHash("sha256")
    .update(`trial:${factor}:${configurationOf(factor)}`)
    .digest("hex");
}

/** What became of the message that this session tries a factor with; null where none is open. */
export async function readTrialDelivery(
  read: Reader,
  { userId, sessionId }: Pick<SessionFacts, "userId" | "sessionId">,
  factor: CodeFactor,
): Promise<Delivery | null> {
  const purpose = { userId, sessionId, boundTo: boundToTrial(factor) };
  const open = await readOpenCode(read, purpose, sql`true`);
  return open?.messageId ? deliveryOf(read, open.messageId) : null;
}

/** Whether a message of this factor was sent and came, through the gateway as it is set up now. */
export async function wasTried(read: Reader, factor: CodeFactor): Promise<boolean> {
  const found = await read
    .select({ factor: factorTrials.factor })
    .from(factorTrials)
    .where(
      and(
        eq(factorTrials.factor, factor),
        eq(factorTrials.configuration, configurationOf(factor)),
        gt(factorTrials.confirmedAt, sql`now() - make_interval(hours => ${trialHours})`),
      ),
    );
  return found.length > 0;
}

export async function recordTrial(tx: Tx, factor: CodeFactor, confirmedBy: string): Promise<void> {
  await tx
    .insert(factorTrials)
    .values({ factor, configuration: configurationOf(factor), confirmedBy })
    .onConflictDoUpdate({
      target: [factorTrials.factor, factorTrials.configuration],
      set: { confirmedBy, confirmedAt: sql`now()` },
    });
}

/** What needs a gateway goes on only after a message came through it. Throws Invalid in words. */
export async function requireTried(read: Reader, before: PolicyDocument, after: PolicyDocument) {
  const switchedOn = switchableFactors.filter(
    (factor) => isFactorOn(after, factor) && !isFactorOn(before, factor),
  );
  for (const factor of switchedOn.filter(isCodeFactor))
    if (!(await wasTried(read, factor)))
      throw new Invalid(
        {},
        `${factorWords[factor].label}: send a message to try it first, on the Factors page.`,
      );
}

/** Under the key ring: the settings hold the gateway's password. */
function configurationOf(factor: CodeFactor): string {
  const [current] = secrets().encryptionKeys;
  if (!current) throw new Error("The key ring is empty");
  const { smtpUrl, mailFrom, twilio } = environment();
  const settings = factor === "sms-code" ? [twilio] : [smtpUrl, mailFrom];
  return createHmac("sha256", deriveKey(current.key, "factor trial"))
    .update(JSON.stringify([factor, ...settings]))
    .digest("hex");
}
