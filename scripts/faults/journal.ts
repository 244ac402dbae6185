export type Kind = "bank-details" | "edit" | "create";

/** One call that a person made, until it was answered for good. */
export type Entry = {
  kind: Kind;
  personId: string;
  /** Stands in what was saved, and nowhere else. */
  token: string;
  /** null: of a customer that is to be created. */
  customerId: string | null;
  /** `unknown`: no answer came, and nobody can ask again. */
  answer: "open" | "acknowledged" | "refused" | "unknown";
};

/** What the people know: kept by them, never by the app. */
export type Journal = {
  entries: Entry[];
  /** Time steps whose code was sent, of each person. */
  steps: Map<string, Set<number>>;
  /** Answers by their kind: what people saw while something was broken. */
  seen: Map<string, number>;
  /** What must never be seen. */
  faults: string[];
  /** The slowest answer, in milliseconds. */
  slowest: number;
};

export function openJournal(): Journal {
  return { entries: [], steps: new Map(), seen: new Map(), faults: [], slowest: 0 };
}

export function acknowledged({ entries }: Journal): number {
  return entries.filter(({ answer }) => answer === "acknowledged").length;
}

export function saw({ seen }: Journal, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}
