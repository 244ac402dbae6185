import { and, eq, or, type SQL, sql } from "drizzle-orm";
import { auditEvents } from "@/db/schema/audit";
import { contracts, customers } from "@/db/schema/customers";
import { people } from "@/db/schema/people";
import { mayReadAudit } from "@/lib/access/access";
import { auditActionWords } from "@/lib/audit/describe";
import type { Person } from "@/lib/people/person";
import { wordsOf } from "@/lib/search/words";
import type { AuditFilter } from "./filter";

/** Whom a name or an address may mean: more than so many is no filter. */
const mostPeople = 200;

/** The check where the data is: nobody but administrators and auditors reads a row of the whole log. */
export function forAudit(reader: Person): SQL {
  return mayReadAudit(reader) ? sql`true` : sql`false`;
}

/**
 * The rows that a filter asks for, as a condition on audit_events. It looks at what lies open in a row and at nothing
 * else: no customer's name and no sealed change is searched, so that a filter tells an administrator nothing of a
 * customer that the row itself doesn't (docs/decisions/016).
 */
export function matchesFilter(filter: AuditFilter): SQL | undefined {
  const { person, action, record, outcome, factor, from, until } = filter;
  return and(
    ...wordsOf(filter.q).map(hasWord),
    person ? byPerson(person) : undefined,
    action ? eq(auditEvents.action, action) : undefined,
    record ? aboutRecord(record) : undefined,
    outcome ? eq(auditEvents.outcome, outcome) : undefined,
    factor ? eq(auditEvents.factor, factor) : undefined,
    from ? sql`${auditEvents.at} >= ${from}::date::timestamp at time zone 'utc'` : undefined,
    until ? sql`${auditEvents.at} < (${until}::date + 1)::timestamp at time zone 'utc'` : undefined,
  );
}

/** Arrays, not joins: each stands as a value before the log is touched, and finds its rows by an index. */
function byPerson(text: string): SQL {
  return sql`${auditEvents.actorId} = any(array(select ${people.id} from ${people}
    where keyturn_fold(${people.name} || ' ' || ${people.email}) like '%' || ${escaped(text)} || '%' limit ${mostPeople}))`;
}

function aboutRecord(text: string): SQL {
  return sql`${auditEvents.recordId} = any(array(
    select ${customers.id}::text from ${customers} where ${customers.number} in (${text}, upper(${text}))
    union all select ${contracts.id}::text from ${contracts} where ${contracts.number} in (${text}, upper(${text}))
    union all select ${people.id}::text from ${people} where ${people.email} = lower(${text})
    union all select ${text}::text))`;
}

/** A word stands in the row's open text, in who acted, in the act's words, or is the record's number. */
function hasWord(word: string): SQL | undefined {
  const folded = word.toLowerCase();
  const acts = auditActionWords.filter(({ words }) => words.toLowerCase().includes(folded));
  return or(
    inText(word),
    byPerson(word),
    /\d/.test(word) ? aboutRecord(word) : undefined,
    acts.length > 0 ? sql`${auditEvents.action} in ${acts.map(({ action }) => action)}` : undefined,
  );
}

const openText = sql`keyturn_audit_text(${auditEvents.action}, ${auditEvents.recordType}, ${auditEvents.recordId}, ${auditEvents.address}, ${auditEvents.detail})`;

/** The trigram index knows how words begin, and the middle of a word only from three letters on. */
function inText(word: string): SQL {
  if ([...word].length >= 3) return sql`${openText} like '%' || ${escaped(word)} || '%'`;
  return sql`(${openText} like ${escaped(word)} || '%' or ${openText} like '% ' || ${escaped(word)} || '%')`;
}

/** After folding, because folding turns a full-width percent sign into a wildcard. */
function escaped(word: string): SQL {
  return sql`regexp_replace(keyturn_fold(${word}), '([\\\\%_])', '\\\\\\1', 'g')`;
}
