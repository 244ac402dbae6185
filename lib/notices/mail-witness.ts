import type { Database } from "@/db/client";
import { auditWitnessed } from "@/db/schema/audit";
import { mailTo } from "./outbox";

/** Mails a day's signed head to the log's witness: one mail a day, whichever process is first. `day`: YYYY-MM-DD. */
export async function mailWitness(
  database: Database,
  address: string,
  day: string,
  checkpoint: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    const first = await tx.insert(auditWitnessed).values({ day }).onConflictDoNothing().returning();
    if (first.length === 0) return;
    await mailTo(
      tx,
      { personId: null, email: address },
      {
        kind: "audit-witness",
        subject: `Keyturn's audit log on ${day}`,
        body: `This is the signed head of the audit log. Keep it: whoever changes the log afterwards can't make another one that fits it. To check the log, save the lines below to a file and run: npm run audit:verify -- --from FILE\n\n${checkpoint}`,
      },
    );
  });
}
