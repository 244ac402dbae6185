import { Building2, SearchX, ShieldOff } from "lucide-react";
import type { Metadata } from "next";
import { CustomerFilters } from "@/components/customers/customer-filters";
import { CustomerTable } from "@/components/customers/customer-table";
import { Pager } from "@/components/customers/pager";
import { LinkButton } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { mayCreateCustomers } from "@/lib/access/access";
import { listDirections, listSorts, listStatuses } from "@/lib/customers/list-order";
import { readCustomerList } from "@/lib/customers/read-list";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

export const metadata: Metadata = { title: "Customers" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function CustomersPage({ searchParams }: Props) {
  const { person } = await requireSession();
  if (!mayCreateCustomers(person)) return <NoCustomers />;
  const given = await searchParams;
  const text = (name: string) => (typeof given[name] === "string" ? given[name].slice(0, 4000) : undefined);
  const query = {
    q: text("q")?.slice(0, 200) ?? "",
    status: listStatuses.find((one) => one === text("status")),
    sort: listSorts.find((one) => one === text("sort")) ?? ("name" as const),
    direction: listDirections.find((one) => one === text("direction")),
    after: text("after"),
    before: text("before"),
  };
  const list = await readCustomerList(await runningReader(), person, query);
  const filtered = query.q.trim() !== "" || query.status !== undefined;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title="Customers"
        actions={
          <LinkButton href="/customers/new" variant="primary" prefetch={false}>
            New customer
          </LinkButton>
        }
      />
      <CustomerFilters q={query.q} status={query.status ?? ""} />
      <p role="status" className="text-ink-soft text-sm">
        {list.isMore ? "More than " : ""}
        {list.total.toLocaleString("en-GB")} {list.total === 1 ? "customer" : "customers"}
        {filtered ? " found" : ""}
      </p>
      {list.rows.length > 0 ? (
        <>
          <CustomerTable list={list} query={query} />
          <Pager list={list} query={query} />
        </>
      ) : (
        <Empty filtered={filtered} />
      )}
    </div>
  );
}

/** Administrators, auditors, and whoever has no team yet: there is nothing to search. */
function NoCustomers() {
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title="Customers" />
      <EmptyState icon={ShieldOff} title="No customer data for this role">
        Employees see the customers of their team, managers those of every team. Administrators and auditors
        see no customer data.
      </EmptyState>
    </div>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyState icon={SearchX} title="No customer matches">
        Try fewer words, another spelling, or all statuses.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={Building2} title="No customers yet">
      Create the first one with “New customer”.
    </EmptyState>
  );
}
