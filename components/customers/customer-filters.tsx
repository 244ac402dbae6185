"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState, useTransition } from "react";
import { classNames } from "@/components/ui/class-names";
import { controlLook } from "@/components/ui/field";
import { SearchField } from "@/components/ui/search-field";
import { statusWords } from "./status";

/** Search as you type and the status filter; both live in the address, so that a view can be sent and kept. */
export function CustomerFilters({ q, status }: { q: string; status: string }) {
  const router = useRouter();
  const parameters = useSearchParams();
  const [text, setText] = useState(q);
  const [pending, startTransition] = useTransition();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(q);

  // Back and forward change the address: the field follows, unless it is what the person has just typed.
  useEffect(() => {
    if (q !== sent.current) setText(q);
    sent.current = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const go = (change: { q?: string; status?: string }) => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(change)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    next.delete("after");
    next.delete("before");
    sent.current = next.get("q") ?? "";
    startTransition(() => router.replace(`/customers?${next}`, { scroll: false }));
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
        clearTimeout(timer.current);
        go({ q: text.trim() });
      }}
      className="flex flex-wrap items-center gap-3"
    >
      <SearchField
        label="Search customers"
        placeholder="Name, number, city or contact"
        maxLength={200}
        value={text}
        busy={pending}
        onChange={(event) => search(event.target.value)}
        className="min-w-56 flex-1 sm:max-w-md"
      />
      <label className="flex items-center gap-2">
        <span className="text-ink-soft text-sm">Status</span>
        <select
          value={status}
          onChange={(event) => go({ status: event.target.value })}
          className={classNames(controlLook, "w-auto pr-8 pl-2.5")}
        >
          <option value="">All</option>
          {Object.entries(statusWords).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}
