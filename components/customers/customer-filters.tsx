"use client";

import { useSearchParams } from "next/navigation";
import { FilterSelect } from "@/components/ui/filter-select";
import { SearchField } from "@/components/ui/search-field";
import { useTypedSearch } from "@/components/ui/use-typed-search";
import { statusWords } from "./status";

/** Search as you type and the status filter; both live in the address, so that a view can be sent and kept. */
export function CustomerFilters({ q, status }: { q: string; status: string }) {
  const parameters = useSearchParams();
  const { text, pending, go, search, submit } = useTypedSearch<{ status: string }>(q, (typed, change) => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries({ q: typed, ...change })) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    next.delete("after");
    next.delete("before");
    return `/customers?${next}`;
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: React 19 types know no <search> styling hook; the role is the same.
    <form role="search" onSubmit={submit} className="flex flex-wrap items-center gap-3">
      <SearchField
        label="Search customers"
        placeholder="Name, number, city or contact"
        maxLength={200}
        value={text}
        busy={pending}
        onChange={(event) => search(event.target.value)}
        className="min-w-56 flex-1 sm:max-w-md"
      />
      <FilterSelect label="Status" value={status} onChange={(value) => go({ status: value })}>
        {Object.entries(statusWords).map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </FilterSelect>
    </form>
  );
}
