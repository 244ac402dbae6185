"use client";

import { roleWords } from "@/components/role-words";
import { FilterSelect } from "@/components/ui/filter-select";
import { SearchField } from "@/components/ui/search-field";
import { useTypedSearch } from "@/components/ui/use-typed-search";
import type { Named } from "@/lib/people/read";
import type { ShownPeople } from "@/lib/people/read-list";
import { type PeopleView, peopleLink } from "./people-link";

const shownWords: Record<ShownPeople, string> = {
  "no-factor": "Without a second factor",
  "asked-for-help": "Asked for help",
  disabled: "Disabled",
};

type Filters = Record<Exclude<keyof PeopleView, "q">, string>;

/** Search as you type and the filters; all live in the address, so that a view can be sent and kept. */
export function PeopleFilters({ view, teams }: { view: PeopleView; teams: Named[] }) {
  const { text, pending, go, search, submit } = useTypedSearch<Filters>(view.q ?? "", (q, change) =>
    peopleLink({ ...view, q, ...change } as PeopleView),
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: React 19 types know no <search> styling hook; the role is the same.
    <form role="search" onSubmit={submit} className="flex flex-wrap items-center gap-3">
      <SearchField
        label="Search people"
        placeholder="Name or email"
        maxLength={200}
        value={text}
        busy={pending}
        onChange={(event) => search(event.target.value)}
        className="min-w-56 flex-1 sm:max-w-sm"
      />
      <FilterSelect label="With role" value={view.role} onChange={(role) => go({ role })}>
        {Object.entries(roleWords).map(([role, word]) => (
          <option key={role} value={role}>
            {word}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect label="In team" value={view.teamId} onChange={(teamId) => go({ teamId })}>
        {teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect label="Show" all="Open accounts" value={view.show} onChange={(show) => go({ show })}>
        {Object.entries(shownWords).map(([show, word]) => (
          <option key={show} value={show}>
            {word}
          </option>
        ))}
      </FilterSelect>
    </form>
  );
}
