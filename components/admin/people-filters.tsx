"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useId, useRef, useState, useTransition } from "react";
import { roleWords } from "@/components/role-words";
import { classNames } from "@/components/ui/class-names";
import { controlLook } from "@/components/ui/field";
import { SearchField } from "@/components/ui/search-field";
import type { Named } from "@/lib/people/read";
import type { ShownPeople } from "@/lib/people/read-list";
import { type PeopleView, peopleLink } from "./people-link";

const shownWords: Record<ShownPeople, string> = {
  "no-factor": "Without a second factor",
  "asked-for-help": "Asked for help",
  disabled: "Disabled",
};

/** Search as you type and the filters; all live in the address, so that a view can be sent and kept. */
export function PeopleFilters({ view, teams }: { view: PeopleView; teams: Named[] }) {
  const router = useRouter();
  const [text, setText] = useState(view.q ?? "");
  const [pending, startTransition] = useTransition();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(view.q ?? "");

  // Back and forward change the address: the field follows, unless it is what the person has just typed.
  useEffect(() => {
    const q = view.q ?? "";
    if (q !== sent.current) setText(q);
    sent.current = q;
  }, [view.q]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const go = (change: Record<string, string>) => {
    clearTimeout(timer.current);
    const next = { ...view, q: text.trim(), ...change } as PeopleView;
    sent.current = next.q ?? "";
    startTransition(() => router.replace(peopleLink(next), { scroll: false }));
  };
  const search = (typed: string) => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go({ q: typed.trim() }), 250);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: React 19 types know no <search> styling hook; the role is the same.
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        go({ q: text.trim() });
      }}
      className="flex flex-wrap items-center gap-3"
    >
      <SearchField
        label="Search people"
        placeholder="Name or email"
        maxLength={200}
        value={text}
        busy={pending}
        onChange={(event) => search(event.target.value)}
        className="min-w-56 flex-1 sm:max-w-sm"
      />
      <Filter label="With role" value={view.role} onChange={(role) => go({ role })}>
        {Object.entries(roleWords).map(([role, word]) => (
          <option key={role} value={role}>
            {word}
          </option>
        ))}
      </Filter>
      <Filter label="In team" value={view.teamId} onChange={(teamId) => go({ teamId })}>
        {teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Filter>
      <Filter label="Show" all="Open accounts" value={view.show} onChange={(show) => go({ show })}>
        {Object.entries(shownWords).map(([show, word]) => (
          <option key={show} value={show}>
            {word}
          </option>
        ))}
      </Filter>
    </form>
  );
}

type FilterProps = {
  label: string;
  all?: string;
  value: string | undefined;
  onChange(value: string): void;
  children: ReactNode;
};

function Filter({ label, all = "All", value, onChange, children }: FilterProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="whitespace-nowrap text-ink-soft text-sm">
        {label}
      </label>
      <select
        id={id}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value)}
        className={classNames(controlLook, "w-auto max-w-44 pr-8 pl-2.5")}
      >
        <option value="">{all}</option>
        {children}
      </select>
    </div>
  );
}
