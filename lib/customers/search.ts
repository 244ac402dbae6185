import { type SQL, sql } from "drizzle-orm";
import { customers } from "@/db/schema/customers";

const maxWords = 8;
const maxLength = 200;

/**
 * The words of a search as conditions: each must stand somewhere in the customer's name, number, city or contacts,
 * in whatever case and with or without accents. Uses the trigram index from three letters on.
 */
export function matchesSearch(query: string): SQL[] {
  return wordsOf(query).map((word) => sql`${customers.searchText} like ${patternOf(word)}`);
}

/** At most eight words of a query; characters that PostgreSQL takes in no text part words, too. */
export function wordsOf(query: string): string[] {
  const text = query.slice(0, maxLength).normalize("NFC");
  return [...new Set(text.split(/[\s\p{Cc}\p{Cs}]+/u).filter(Boolean))].slice(0, maxWords);
}

/** Escaped after folding, because folding turns a full-width percent sign into a wildcard. */
function patternOf(word: string): SQL {
  const escaped = sql`regexp_replace(keyturn_fold(${word}), '([\\\\%_])', '\\\\\\1', 'g')`;
  return sql`'%' || ${escaped} || '%'`;
}
