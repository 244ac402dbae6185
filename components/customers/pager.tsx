import { LinkButton } from "@/components/ui/button";
import type { CustomerList } from "@/lib/customers/read-list";
import { type ListQuery, listLink } from "./list-link";

/** Pages by place, not by number: they stay right while rows come and go. */
export function Pager({ list, query }: { list: CustomerList; query: ListQuery }) {
  if (!list.next && !list.previous) return null;
  return (
    <nav aria-label="Pages" className="flex gap-2">
      {list.previous ? (
        <LinkButton href={listLink(query, { before: list.previous })} prefetch={false}>
          Previous page
        </LinkButton>
      ) : null}
      {list.next ? (
        <LinkButton href={listLink(query, { after: list.next })} prefetch={false}>
          Next page
        </LinkButton>
      ) : null}
    </nav>
  );
}
