import { ScrollText } from "lucide-react";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { exportAudit } from "@/app/actions/audit";
import { AuditFilters } from "@/components/admin/audit/audit-filters";
import { auditLink } from "@/components/admin/audit/audit-link";
import { AuditTable } from "@/components/admin/audit/audit-table";
import { ExportButtons } from "@/components/admin/audit/export-buttons";
import { SealedHeadPanel } from "@/components/admin/audit/sealed-head-panel";
import { LinkButton } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { mayReadAudit } from "@/lib/access/access";
import { auditActionWords } from "@/lib/audit/action-words";
import { ownLog } from "@/lib/audit/log/log-key";
import { sealingFault } from "@/lib/audit/log/sealing-fault";
import { witnessOf } from "@/lib/audit/log/witness";
import { filterChoices, filterFrom } from "@/lib/oversight/filter";
import { readSealedHead } from "@/lib/oversight/read-head";
import { readLog } from "@/lib/oversight/read-log";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayReadAudit(person) ? "Audit" : "Not found" };
}

export default async function AuditPage({ searchParams }: Props) {
  const { person } = await requireSession();
  if (!mayReadAudit(person)) notFound();
  const given = await searchParams;
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  const filter = filterFrom(given);
  const read = await runningReader();
  const [page, head] = await Promise.all([
    readLog(read, person, { filter, after: text("after"), before: text("before") }),
    readSealedHead(read, person, ownLog().signer),
  ]);
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Audit" actions={<ExportButtons filter={filter} exportAudit={exportAudit} />} />
      <AuditFilters filter={filter} actions={auditActionWords} {...filterChoices} />
      <SealedHeadPanel
        head={head}
        witness={witnessOf(environment().auditWitness)?.kind ?? null}
        fault={sealingFault()}
      />
      {page.rows.length > 0 ? (
        <AuditTable
          filter={filter}
          rows={page.rows.map(({ id, at, summary, outcome, factor, address, isDemo, record, actor }) => ({
            ...{ id, at, summary, outcome, factor, address, isDemo, record },
            email: actor?.email ?? null,
          }))}
        />
      ) : (
        <EmptyState icon={ScrollText} title="No row matches">
          Try fewer words, another spelling, or a longer time.
        </EmptyState>
      )}
      {page.newer || page.older ? (
        <nav aria-label="Pages" className="flex gap-2">
          {page.newer ? (
            <LinkButton href={auditLink(filter, { before: page.newer })} prefetch={false}>
              Newer rows
            </LinkButton>
          ) : null}
          {page.older ? (
            <LinkButton href={auditLink(filter, { after: page.older })} prefetch={false}>
              Older rows
            </LinkButton>
          ) : null}
        </nav>
      ) : null}
    </div>
  );
}
