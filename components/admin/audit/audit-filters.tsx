"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useRef, useState, useTransition } from "react";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { SelectField, TextField } from "@/components/ui/field";
import { SearchField } from "@/components/ui/search-field";
import type { AuditFilter } from "@/lib/oversight/filter";
import { wordsOfFactor } from "@/lib/step-up/factor-words";
import { auditLink } from "./audit-link";

type Props = {
  filter: AuditFilter;
  actions: readonly { action: string; words: string }[];
  outcomes: readonly string[];
  factors: readonly string[];
};

/** What is looked for; it lives in the address, so that a view can be sent and kept. Works before its script is there. */
export function AuditFilters({ filter, actions, outcomes, factors }: Props) {
  const router = useRouter();
  const [typed, setTyped] = useState(filter);
  const { q: _, ...others } = filter;
  const [open, setOpen] = useState(Object.values(others).some(Boolean));
  const [pending, startTransition] = useTransition();
  // Back and forward change the address, and the fields follow; the same filter, rendered anew, leaves alone what is
  // being typed.
  const shown = auditLink(filter);
  const sent = useRef(shown);
  useEffect(() => {
    if (shown !== sent.current) setTyped(filter);
    sent.current = shown;
  }, [filter, shown]);

  const go = (next: AuditFilter) => {
    setTyped(next);
    sent.current = auditLink(next);
    startTransition(() => router.replace(auditLink(next), { scroll: false }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(typed);
  };
  const text = (name: keyof AuditFilter) => ({
    name,
    value: typed[name],
    maxLength: 200,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }),
  });
  const choice = (name: keyof AuditFilter) => ({
    name,
    value: typed[name],
    onChange: (event: { target: { value: string } }) =>
      go({ ...typed, [name]: event.target.value } as AuditFilter),
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: React 19 types know no <search> styling hook; the role is the same.
    <form
      role="search"
      aria-label="The log"
      action="/admin/audit"
      onSubmit={submit}
      className="flex flex-col gap-3"
    >
      <div className="flex flex-wrap items-center gap-3">
        <SearchField
          label="Search the log"
          placeholder="Any words, an address, a record's number"
          busy={pending}
          className="min-w-56 flex-1 sm:max-w-xl"
          {...text("q")}
        />
        <Button type="submit">Search</Button>
        <Button
          className="sm:hidden"
          aria-expanded={open}
          aria-controls="audit-filters"
          onClick={() => setOpen(!open)}
        >
          Filters
        </Button>
        {Object.values(filter).some(Boolean) ? (
          <Link
            href="/admin/audit"
            prefetch={false}
            className="inline-flex min-h-6 items-center text-ink-soft underline underline-offset-4 pointer-coarse:min-h-11"
          >
            Clear all
          </Link>
        ) : null}
      </div>
      <div
        id="audit-filters"
        className={classNames(
          "grid grid-cols-2 gap-3 md:grid-cols-4 xl:grid-cols-7",
          // On a phone they would push the rows off the screen.
          !open && "max-sm:hidden",
        )}
      >
        <TextField label="Person" {...text("person")} />
        <TextField label="Record" {...text("record")} />
        <SelectField label="Action" {...choice("action")}>
          <option value="">Any</option>
          {actions.map(({ action, words }) => (
            <option key={action} value={action}>
              {words}
            </option>
          ))}
        </SelectField>
        <SelectField label="Outcome" {...choice("outcome")}>
          <option value="">Any</option>
          {outcomes.map((outcome) => (
            <option key={outcome}>{outcome}</option>
          ))}
        </SelectField>
        <SelectField label="Factor" {...choice("factor")}>
          <option value="">Any</option>
          {factors.map((factor) => (
            <option key={factor} value={factor}>
              {wordsOfFactor(factor).label}
            </option>
          ))}
        </SelectField>
        <TextField label="From (UTC)" type="date" {...text("from")} />
        <TextField label="Until (UTC)" type="date" {...text("until")} />
      </div>
    </form>
  );
}
