import { and, eq, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { helpRequests } from "@/db/schema/help-requests";
import { people, type Role, teams } from "@/db/schema/people";
import { sessions } from "@/db/schema/sessions";
import { authenticators } from "@/db/schema/step-up";
import { mayAdminister } from "@/lib/access/access";
import { environment } from "@/lib/platform/env";
import { isUsable } from "@/lib/policy/usable";
import { matchesWords } from "@/lib/search/words";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import { cursorOf, type Place, placeOf } from "./list-place";
import type { Person } from "./person";

/** What the list can be narrowed to besides role and team; without it: everybody with an open account. */
export const shownPeople = ["no-factor", "asked-for-help", "disabled"] as const;
export type ShownPeople = (typeof shownPeople)[number];

export type PeopleQuery = {
  q?: string;
  role?: Role;
  teamId?: string;
  show?: ShownPeople;
  /** A cursor of an earlier answer: the page behind it … */
  after?: string;
  /** … or the page in front of it. */
  before?: string;
  pageSize?: number;
};

export type ListedPerson = {
  id: string;
  name: string;
  email: string;
  role: Role;
  team: string | null;
  disabled: boolean;
  asksForHelp: boolean;
  factors: EnrolledFactor[];
  lastSeenAt: Date | null;
};

export type PeopleList = {
  rows: ListedPerson[];
  /** How many people the filter finds, on all pages; counted up to a limit. */
  total: number;
  /** There are more than `total`. */
  isMore: boolean;
  /** Goes into `after`; null on the last page. */
  next: string | null;
  /** Goes into `before`; null on the first page. */
  previous: string | null;
};

/** Nobody reads on behind so many that a search finds, and each must be read to be counted. */
export const countedUpTo = 10_000;
export const foundUpTo = 1_000;

/** Word for word the indexes of db/schema/people.ts. */
const order = sql<string>`keyturn_fold(${people.name}) collate "C"`;
const searched = sql`keyturn_fold(${people.name} || ' ' || ${people.email})`;

/** One page of the people with their number, by name: one query, whatever the page. For administrators. */
export async function readPeopleList(read: Reader, reader: Person, query: PeopleQuery): Promise<PeopleList> {
  const { pageSize = 50 } = query;
  const after = placeOf(query.after);
  const before = after ? null : placeOf(query.before);
  const page = { place: after ?? before, backwards: before !== null, size: pageSize };
  const limit = query.q?.trim() ? foundUpTo : countedUpTo;
  const found = await selectPage(read, filterOf(reader, query), page, limit);
  const counted = found[0]?.total ?? 0;
  const rows = found.flatMap((row) => (row.id === null ? [] : [row]));
  const more = rows.length > pageSize;
  const shown = rows.slice(0, pageSize);
  if (before) shown.reverse();
  const cursorAt = (row: (typeof rows)[number] | undefined, exists: boolean) =>
    row?.id && exists ? cursorOf({ key: row.sortKey ?? "", id: row.id }) : null;
  return {
    rows: shown.map(listed),
    total: Math.min(counted, limit),
    isMore: counted > limit,
    next: cursorAt(shown.at(-1), before ? true : more),
    previous: cursorAt(shown[0], before ? more : after !== null),
  };
}

type Found = Awaited<ReturnType<typeof selectPage>>[number];

function listed(row: Found): ListedPerson {
  const { id, name, email, role, team, disabled, asksForHelp, factors, lastSeenMs } = row;
  return {
    id: id ?? "",
    name: name ?? "",
    email: email ?? "",
    role: role ?? "employee",
    team,
    disabled: disabled === true,
    asksForHelp,
    factors: factors ?? [],
    lastSeenAt: lastSeenMs === null ? null : new Date(Number(lastSeenMs)),
  };
}

function filterOf(reader: Person, { q, role, teamId, show }: PeopleQuery): SQL | undefined {
  return and(
    mayAdminister(reader) ? sql`true` : sql`false`,
    environment().demo ? undefined : eq(people.isDemo, false),
    show === "disabled" ? isNotNull(people.disabledAt) : isNull(people.disabledAt),
    role ? eq(people.role, role) : undefined,
    teamId ? eq(people.teamId, teamId) : undefined,
    show === "no-factor" ? sql`not ${hasFactor(sql`${people.id}`)}` : undefined,
    show === "asked-for-help" ? waitsForHelp(sql`${people.id}`) : undefined,
    ...matchesWords(searched, q ?? ""),
  );
}

function hasFactor(id: SQL): SQL {
  return sql`exists (select 1 from ${authenticators} where ${authenticators.userId} = ${id}
    and ${isUsable()})`;
}

function waitsForHelp(id: SQL): SQL<boolean> {
  return sql<boolean>`exists (select 1 from ${helpRequests}
    where ${helpRequests.personId} = ${id} and ${helpRequests.resolvedAt} is null)`;
}

type Page = { place: Place | null; backwards: boolean; size: number };

/** The count stands outside, so that it comes also where the page is empty. */
function selectPage(read: Reader, filter: SQL | undefined, page: Page, countUpTo: number) {
  const few = read
    .select({ one: sql`1`.as("one") })
    .from(people)
    .where(filter)
    .limit(countUpTo + 1)
    .as("few");
  const counted = read
    .select({ total: sql<number>`count(*)::int`.as("total") })
    .from(few)
    .as("counted");
  const rows = selectRows(read, filter, page);
  const way = page.backwards ? sql`desc` : sql`asc`;
  return read
    .select({
      total: counted.total,
      id: rows.id,
      name: rows.name,
      email: rows.email,
      role: rows.role,
      team: teams.name,
      disabled: rows.disabled,
      sortKey: rows.sortKey,
      asksForHelp: waitsForHelp(sql`${rows.id}`),
      factors: sql<ListedPerson["factors"] | null>`(select json_agg(distinct ${authenticators.factor})
        from ${authenticators} where ${authenticators.userId} = ${rows.id}
        and ${isUsable()})`,
      lastSeenMs: sql<number | null>`(select (extract(epoch from max(${sessions.lastSeenAt})) * 1000)::float8
        from ${sessions} where ${sessions.personId} = ${rows.id})`,
    })
    .from(counted)
    .leftJoin(rows, sql`true`)
    .leftJoin(teams, eq(teams.id, rows.teamId))
    .orderBy(sql`${rows.sortKey} collate "C" ${way}`, sql`${rows.id} ${way}`);
}

function selectRows(read: Reader, filter: SQL | undefined, { place, backwards, size }: Page) {
  const beyond = backwards ? sql`<` : sql`>`;
  const way = backwards ? sql`desc` : sql`asc`;
  const position = place
    ? sql`(${order}, ${people.id}) ${beyond} (${place.key}, ${place.id}::uuid)`
    : sql`true`;
  return read
    .select({
      id: people.id,
      name: people.name,
      email: people.email,
      role: people.role,
      teamId: people.teamId,
      disabled: sql<boolean>`${people.disabledAt} is not null`.as("disabled"),
      sortKey: sql<string>`${order}`.as("sort_key"),
    })
    .from(people)
    .where(and(filter, position))
    .orderBy(sql`${order} ${way}`, sql`${people.id} ${way}`)
    .limit(size + 1)
    .as("rows_of_page");
}
