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
async function readMakers(read: Reader, ids: string[]): Promise<{ person: string; maker: string }[]> {
  if (ids.length === 0) return [];
  const { actorId, recordType, recordId, action, outcome, at, detail } = auditEvents;
  const made = sql`(
    select ${actorId}::text as person, unnest(array[${detail}->>'invitedBy', ${detail}->>'approvedBy']) as maker
      from ${auditEvents} where ${outcome} = 'allowed' and ${at} > ${since}
      and ${action} = 'link.accept-invitation' and ${actorId} in ${ids}
    union select ${recordId}, unnest(array[${actorId}::text, ${detail}->>'askedBy'])
      from ${auditEvents} where ${outcome} = 'allowed' and ${at} > ${since}
      and ${recordType} = 'person' and ${recordId} in ${ids} and ${detail}->>'makes' is not null
      and ${action} in ('admin.approve', 'admin.change-role')
  ) as made`;
  return read
    .select({ person: sql<string>`made.person`, maker: sql<string>`made.maker` })
    .from(made)
    .where(sql`made.maker is not null`);
}

/** Of `others`, those who are tied to this person: one of the two made the other what they are. */
export async function readTied(read: Reader, personId: string, others: string[]): Promise<Set<string>> {
  const makers = await readMakers(read, [personId, ...others]);
  return new Set(
    makers.flatMap(({ person, maker }) => {
      if (person === personId) return [maker];
      return maker === personId ? [person] : [];
    }),
  );
}
