"use client";

import { useEffect, useState } from "react";

/**
 * The token behind `#` of a mailed link; null without one, undefined while the page is not in the browser yet. It is
 * taken out of the address bar at once, so that neither a bookmark, a shared screen nor the history keeps it.
 */
export function useLinkToken(): string | null | undefined {
  const [token, setToken] = useState<string | null>();
  useEffect(() => {
    const take = () => {
      const found = window.location.hash.slice(1);
      const clean = window.location.pathname + window.location.search;
      // Next's router watches the history only once it has started, after this page's effects. An address that it
      // doesn't know of it would write back, token and all, with the next answer of an action.
      if (found) queueMicrotask(() => window.history.replaceState(null, "", clean));
      // React may run this twice, and the second time nothing is left to find.
      setToken((before) => found || (before ?? null));
    };
    take();
    // A second link opened in the same tab changes nothing but the hash.
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return token;
}
