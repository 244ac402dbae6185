export type ListQuery = {
  q: string;
  status: string | undefined;
  sort: string;
  direction: string | undefined;
};

/** The address of a view of the list; members at their defaults are left out. */
export function listLink(
  query: ListQuery,
  change: Partial<ListQuery & { after: string; before: string }> = {},
): string {
  const { q, status, sort, direction, after, before } = {
    ...query,
    after: undefined,
    before: undefined,
    ...change,
  };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({
    q,
    status,
    sort: sort === "name" ? "" : sort,
    direction,
    after,
    before,
  })) {
    if (value) parameters.set(name, value);
  }
  return parameters.size > 0 ? `/customers?${parameters}` : "/customers";
}
