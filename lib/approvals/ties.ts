import { sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";

/** For so long whoever was made what they are by somebody decides nothing with them (threats.md 20). */
export const tieDays = 30;

const since = sql.raw(`now() - interval '${tieDays} days'`);

/**
 * Who took part in making each of these people what they are, lately: who invited them, asked for or approved that
 * they administer, or asked for or approved new factors of theirs. Read from the log, where nobody erases it: links and
 * requests go in time, an address changes, and a role can be given twice.
 */
async function readMakers(read: Reader, ids: string[]): Promise<Made[]> {
  if (ids.length === 0) return [];
  const { actorId, recordType, recordId, action, outcome, at, detail } = auditEvents;
  const made = sql`(
    select ${at} as at, ${actorId}::text as person, unnest(array[${detail}->>'invitedBy', ${detail}->>'approvedBy']) as maker
      from ${auditEvents} where ${outcome} = 'allowed' and ${at} > ${since}
      and ${action} = 'link.accept-invitation' and ${actorId} in ${ids}
    union select ${at}, ${recordId}, unnest(array[${actorId}::text, ${detail}->>'askedBy'])
      from ${auditEvents} where ${outcome} = 'allowed' and ${at} > ${since}
      and ${recordType} = 'person' and ${recordId} in ${ids} and ${detail}->>'makes' is not null
      and ${action} in ('admin.approve', 'admin.change-role', 'admin.disable-user')
  ) as made`;
  return read
    .select({
      person: sql<string>`made.person`,
      maker: sql<string>`made.maker`,
      endsAt: sql`extract(epoch from max(made.at) + make_interval(days => ${tieDays})) * 1000`.mapWith(
        (ms) => new Date(Number(ms)),
      ),
    })
    .from(made)
    .where(sql`made.maker is not null`)
    .groupBy(sql`made.person`, sql`made.maker`);
}

type Made = { person: string; maker: string; endsAt: Date };

/** Until when two of them are tied, because one made the other what they are; null: they are not. */
export type Ties = (one: string, other: string) => Date | null;

/** The ties of these people with one another, read once. */
export async function readTies(read: Reader, ids: string[]): Promise<Ties> {
  const made = await readMakers(read, ids);
  return (one, other) => {
    const ends = made
      .filter(
        ({ person, maker }) => (person === one && maker === other) || (person === other && maker === one),
      )
      .map(({ endsAt }) => endsAt);
    return ends.sort((a, b) => b.getTime() - a.getTime())[0] ?? null;
  };
}
