import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

const maxWords = 8;
const maxLength = 200;

/**
 * The words of a search as conditions on a folded text (keyturn_fold) that has a trigram index: each must stand in it,
 * in whatever case and with or without accents. Of one or two letters, a word there must begin with it: the index knows
 * how words begin, and the middle of a word only from three letters on. A sign alone ("&") says nothing.
 */
export function matchesWords(text: SQLWrapper, query: string): SQL[] {
  const words = wordsOf(query);
  const telling = words.filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (telling.length === 0) return words.length > 0 ? [sql`false`] : [];
  return telling.map((word) => ([...word].length < 3 ? beginsWord(text, word) : contains(text, word)));
}

function contains(text: SQLWrapper, word: string): SQL {
  return sql`${text} like '%' || ${escaped(word)} || '%'`;
}

function beginsWord(text: SQLWrapper, word: string): SQL {
  return sql`(${text} like ${escaped(word)} || '%' or ${text} like '% ' || ${escaped(word)} || '%')`;
}

/** At most eight words of a query; characters that PostgreSQL takes in no text part words, too. */
export function wordsOf(query: string): string[] {
  const text = query.slice(0, maxLength).normalize("NFC");
  return [...new Set(text.split(/[\s\p{Cc}\p{Cs}]+/u).filter(Boolean))].slice(0, maxWords);
}

/** After folding, because folding turns a full-width percent sign into a wildcard. */
function escaped(word: string): SQL {
  return sql`regexp_replace(keyturn_fold(${word}), '([\\\\%_])', '\\\\\\1', 'g')`;
}
