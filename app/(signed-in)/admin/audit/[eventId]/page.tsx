import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { downloadRowReceipt } from "@/app/actions/audit";
import { RowView } from "@/components/admin/audit/row-view";
import { ReceiptButton } from "@/components/receipt-button";
import { mayReadAudit } from "@/lib/access/access";
import { ownLog } from "@/lib/audit/log/log-key";
import { readAdministrativeReceipt } from "@/lib/oversight/download-receipt";
import { filterFrom } from "@/lib/oversight/filter";
import { readVerifiedRow } from "@/lib/oversight/read-row";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import { requireSession } from "@/lib/session/require-session";

type Props = {
  params: Promise<{ eventId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayReadAudit(person) ? "A row of the audit log" : "Not found" };
}

export default async function AuditRowPage({ params, searchParams }: Props) {
  const { person } = await requireSession();
  const read = await runningReader();
  const { signer, rp } = ownLog();
  const { encryptionKeys: ring, auditKey } = secrets();
  const { eventId } = await params;
  const { demo, origin } = environment();
  const log = { read, ring, auditKey, vkey: signer.vkey, rp, demo };
  const found = await readVerifiedRow(log, person, eventId);
  if (!found) notFound();
  const hasReceipt = await readAdministrativeReceipt(read, person, found.row.id);
  const address = `${origin}/admin/audit/${found.row.id}`;
  return (
    <RowView
      found={found}
      filter={filterFrom(await searchParams)}
      address={address}
      receipt={
        hasReceipt ? (
          <ReceiptButton
            input={{ eventId: found.row.id }}
            href={`/admin/audit/${found.row.id}/receipt`}
            downloadReceipt={downloadRowReceipt}
          />
        ) : null
      }
    />
  );
}
