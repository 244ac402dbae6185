import { and, eq, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { contracts, customers } from "@/db/schema/customers";
import { people } from "@/db/schema/people";
import { mayReadAudit } from "@/lib/access/access";
import { auditActionWords } from "@/lib/audit/action-words";
import type { Person } from "@/lib/people/person";
import { wordsOf } from "@/lib/search/words";
import type { AuditFilter } from "./filter";

/** So many people go into a query by their ids; of more, it looks for them itself. */
const mostIds = 200;

/** The check where the data is: nobody but administrators and auditors reads a row of the whole log. */
export function forAudit(reader: Person): SQL {
  return mayReadAudit(reader) ? sql`true` : sql`false`;
}

/**
 * The rows that a filter asks for, as a condition on audit_events. It looks at what lies open in a row and at nothing
 * else: no customer's name and no sealed change is searched, so that a filter tells an administrator nothing of a
 * customer that the row itself doesn't (docs/decisions/016). People and records that the filter names are looked up
 * first, in one query: with their ids at hand the planner knows which index finds the rows.
 */
export async function matchesFilter(read: Reader, filter: AuditFilter): Promise<SQL | undefined> {
  const { person, action, record, outcome, factor, from, until } = filter;
  const words = wordsOf(filter.q);
  const ids = await lookUp(read, {
    people: person ? [person, ...words] : words,
    records: [...(record ? [record] : []), ...words.filter(namesRecord)],
  });
  return and(
    ...words.map((word) => hasWord(word, ids)),
    person ? isBy(person, ids) : undefined,
    action ? eq(auditEvents.action, action) : undefined,
    record ? inArray(auditEvents.recordId, ids.records.get(record) ?? []) : undefined,
    outcome ? eq(auditEvents.outcome, outcome) : undefined,
    factor ? eq(auditEvents.factor, factor) : undefined,
    from ? sql`${auditEvents.at} >= ${from}::date::timestamp at time zone 'utc'` : undefined,
    until ? sql`${auditEvents.at} < (${until}::date + 1)::timestamp at time zone 'utc'` : undefined,
  );
}

/** A word stands in the row's open text, in who acted, in the act's words, or is the record's number. */
function hasWord(word: string, ids: Ids): SQL | undefined {
  const folded = word.toLowerCase();
  const acts = auditActionWords.filter(({ words }) => words.toLowerCase().includes(folded));
  const records = ids.records.get(word) ?? [];
  return or(
    inText(word),
    isBy(word, ids),
    records.length > 0 ? inArray(auditEvents.recordId, records) : undefined,
    acts.length > 0
      ? inArray(
          auditEvents.action,
          acts.map(({ action }) => action),
        )
      : undefined,
  );
}

/** Somebody whom a text names acted: everybody whom it names, however many they are. */
function isBy(text: string, { people: found }: Ids): SQL {
  const ids = found.get(text) ?? [];
  if (ids.length <= mostIds) return inArray(auditEvents.actorId, ids);
  return sql`${auditEvents.actorId} in (select ${people.id} from ${people} where ${isNamed(text)})`;
}

/** Whom and what the words of a filter may mean, by the words. */
type Ids = { people: Map<string, string[]>; records: Map<string, string[]> };

async function lookUp(read: Reader, wanted: { people: string[]; records: string[] }): Promise<Ids> {
  const people = [...new Set(wanted.people)];
  const records = [...new Set(wanted.records)];
  if (people.length + records.length === 0) return { people: new Map(), records: new Map() };
  const [found] = await read
    .select({ ...Object.fromEntries([...people.map(peopleOf), ...records.map(recordsOf)]) })
    .from(sql`(values (1)) as one(x)`);
  const idsAt = (place: string) => (found?.[place] ?? []) as string[];
  return {
    people: new Map(people.map((text, index) => [text, idsAt(`people${index}`)])),
    records: new Map(records.map((text, index) => [text, idsAt(`records${index}`)])),
  };
}

function peopleOf(text: string, index: number): [string, SQL] {
  const ids = sql`array_to_json(array(select ${people.id} from ${people} where ${isNamed(text)} limit ${mostIds + 1}))`;
  return [`people${index}`, ids];
}

function isNamed(text: string): SQL {
  return sql`keyturn_fold(${people.name} || ' ' || ${people.email}) like '%' || ${escaped(text)} || '%'`;
}

function recordsOf(text: string, index: number): [string, SQL] {
  const ids = sql`array_to_json(array(
    select ${customers.id}::text from ${customers} where ${customers.number} in (${text}, upper(${text}))
    union all select ${contracts.id}::text from ${contracts} where ${contracts.number} in (${text}, upper(${text}))
    union all select ${people.id}::text from ${people} where ${people.email} = lower(${text})
    union all select ${text}::text))`;
  return [`records${index}`, ids];
}

/** Numbers and ids have a digit. */
function namesRecord(word: string): boolean {
  return /\d/.test(word);
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
