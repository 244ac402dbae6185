import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useRef, useState, useTransition } from "react";

/** So long after the last key the list is asked for. */
const pauseMilliseconds = 250;

/**
 * A search as you type beside filters; all of it lives in the address, so that a view can be sent and kept. `linkOf`
 * gives the address of a search and a change of the filters; whichever comes first takes the other one along.
 */
export function useTypedSearch<Change>(q: string, linkOf: (q: string, change: Partial<Change>) => string) {
  const router = useRouter();
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

  const go = (change: Partial<Change>, typed = text) => {
    clearTimeout(timer.current);
    sent.current = typed.trim();
    const href = linkOf(sent.current, change);
    startTransition(() => router.replace(href, { scroll: false }));
  };
  const search = (typed: string) => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go({}, typed), pauseMilliseconds);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go({});
  };
  return { text, pending, go, search, submit };
}
