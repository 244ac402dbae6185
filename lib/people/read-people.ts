import { and, asc, desc, eq, gt, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { helpRequests } from "@/db/schema/help-requests";
import { links } from "@/db/schema/links";
import { people, teams } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { matchesWords } from "@/lib/search/words";
import { isOpenAccount } from "./administrators";
import { type InvitationData, invitationData } from "./invitation";
import type { Person } from "./person";

/** More of one kind are not shown at once. */
const mostShown = 100;

/** How long an invitation that ran out stays in the list, to be sent again. */
const remembered = sql`now() - interval '30 days'`;

/** A link that is out: it invites or recovers, and was neither used nor taken back. */
export type OpenLink = {
  id: string;
  purpose: "invitation" | "recovery";
  email: string;
  name: string;
  /** What an invitation makes; null for a recovery. */
  data: InvitationData | null;
  team: string | null;
  /** Null: the operator, at the host. */
  invitedBy: { id: string; name: string } | null;
  expiresAt: Date;
  expired: boolean;
};

/** `isMore`: there are older ones, which a search finds. */
export type OpenLinks = { rows: OpenLink[]; isMore: boolean };

/**
 * Open invitations, those that ran out lately too, and open recovery links, newest first; of those whose name or address
 * has these words. For administrators.
 */
export async function readOpenLinks(read: Reader, reader: Person, q = ""): Promise<OpenLinks> {
  const found = await selectOpenLinks(read, and(forAdministrators(reader), ...matchesWords(searched, q)));
  return { rows: found.slice(0, mostShown), isMore: found.length > mostShown };
}

const searched = sql`keyturn_fold(concat_ws(' ', ${links.data}->>'name', ${links.data}->>'email',
  (select named.name from ${people} named where named.id = ${links.personId})))`;

/** One of them by its id. */
export async function readOpenLink(read: Reader, id: string): Promise<OpenLink | null> {
  const [link] = await selectOpenLinks(read, eq(links.id, id));
  return link ?? null;
}

async function selectOpenLinks(read: Reader, which: SQL | undefined): Promise<OpenLink[]> {
  const shown = or(
    and(eq(links.purpose, "invitation"), gt(links.expiresAt, remembered)),
    and(eq(links.purpose, "recovery"), gt(links.expiresAt, sql`now()`)),
  );
  const rows = await read
    .select({
      id: links.id,
      purpose: links.purpose,
      data: links.data,
      expiresAt: links.expiresAt,
      expired: sql<boolean>`${links.expiresAt} <= now()`,
      invitedBy: { id: people.id, name: people.name },
      team: teams.name,
      account: sql<{
        name: string;
        email: string;
      } | null>`(select json_build_object('name', account.name, 'email', account.email)
        from ${people} account where account.id = ${links.personId})`,
    })
    .from(links)
    .leftJoin(people, eq(people.id, links.createdBy))
    .leftJoin(teams, sql`${teams.id}::text = ${links.data}->>'teamId'`)
    .where(
      and(
        which,
        inArray(links.purpose, ["invitation", "recovery"]),
        isNull(links.usedAt),
        isNull(links.revokedAt),
        shown,
      ),
    )
    .orderBy(desc(links.createdAt))
    .limit(mostShown + 1);
  return rows.map(({ data, purpose, account, ...row }) => {
    const invited = purpose === "invitation" ? invitationData.parse(data) : null;
    const { email, name } = invited ?? account ?? { email: "", name: "" };
    return { ...row, purpose: invited ? "invitation" : "recovery", data: invited, email, name };
  });
}

export type OpenHelpRequest = {
  id: string;
  personId: string;
  name: string;
  email: string;
  action: string;
  createdAt: Date;
};

/** Who asked for help and waits for it, the longest first. For administrators. */
export async function readOpenHelpRequests(read: Reader, reader: Person): Promise<OpenHelpRequest[]> {
  return read
    .select({
      id: helpRequests.id,
      personId: people.id,
      name: people.name,
      email: people.email,
      action: helpRequests.action,
      createdAt: helpRequests.createdAt,
    })
    .from(helpRequests)
    .innerJoin(people, eq(people.id, helpRequests.personId))
    .where(and(forAdministrators(reader), isOpenAccount(), isNull(helpRequests.resolvedAt)))
    .orderBy(asc(helpRequests.createdAt))
    .limit(mostShown);
}

/** The check where the data is: nobody else reads a row. */
function forAdministrators(reader: Person): SQL {
  return mayAdminister(reader) ? sql`true` : sql`false`;
}
