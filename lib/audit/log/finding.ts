/** Something that should not be, in words for the person who checks. `seq`: the row's number; null: of the whole log. */
export type Finding = { seq: number | null; words: string };
