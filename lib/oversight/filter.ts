import { z } from "zod";
import { auditOutcomes } from "@/db/schema/audit";
import { factorNames } from "@/db/schema/step-up";
import { auditActionWords } from "@/lib/audit/action-words";
import { line } from "@/lib/platform/line";

const words = line("This", 200);

const actions = auditActionWords.map(({ action }) => action);

/** A calendar day, `YYYY-MM-DD`, that exists: JavaScript takes 30 February for 2 March, and PostgreSQL refuses it. */
const day = z.string().refine((text) => text === "" || isDay(text), "Enter a day as YYYY-MM-DD.");

/**
 * Which rows of the log are looked for. Every member is a text, and "" asks for nothing: so that a filter has one
 * reading in an address, and one under the digest of an export.
 */
export const auditFilter = z.strictObject({
  /** Words that stand anywhere in what lies open of a row. */
  q: words,
  /** Part of a name or an address of who acted. */
  person: words,
  action: z.enum(["", ...actions]),
  /** A customer's or contract's number, a person's address, or a record's id. */
  record: words,
  outcome: z.enum(["", ...auditOutcomes]),
  factor: z.enum(["", ...factorNames]),
  /** The first day, in UTC. */
  from: day,
  /** The last day, in UTC. */
  until: day,
});

export type AuditFilter = z.infer<typeof auditFilter>;

export const filterNames = Object.keys(auditFilter.shape) as (keyof AuditFilter)[];

/** What can be chosen, for the form. */
export const filterChoices = { outcomes: auditOutcomes, factors: factorNames };

export const everyRow: AuditFilter = {
  q: "",
  person: "",
  action: "",
  record: "",
  outcome: "",
  factor: "",
  from: "",
  until: "",
};

/** The filter that an address asks for; a member that can't be read asks for nothing. */
export function filterFrom(given: Record<string, string | string[] | undefined>): AuditFilter {
  const read = filterNames.map((name) => {
    const text = given[name];
    const member = auditFilter.shape[name].safeParse(typeof text === "string" ? text : "");
    return [name, member.success ? member.data : ""];
  });
  return { ...everyRow, ...Object.fromEntries(read) };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < "0001") return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
