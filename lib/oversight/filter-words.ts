import { auditActionWords } from "@/lib/audit/action-words";
import { wordsOfFactor } from "@/lib/step-up/factor-words";
import type { AuditFilter } from "./filter";

const labels: Record<keyof AuditFilter, string> = {
  q: "Words",
  person: "Person",
  action: "Action",
  record: "Record",
  outcome: "Outcome",
  factor: "Factor",
  from: "From",
  until: "Until",
};

/** What a filter asks for, member by member, as the person who confirms an export reads it. */
export function filterInWords(filter: AuditFilter): { label: string; value: string }[] {
  const names = Object.keys(labels) as (keyof AuditFilter)[];
  const asked = names.filter((name) => filter[name] !== "");
  if (asked.length === 0) return [{ label: "Rows", value: "every row of the log" }];
  return asked.map((name) => ({ label: labels[name], value: valueInWords(name, filter[name]) }));
}

function valueInWords(name: keyof AuditFilter, value: string): string {
  if (name === "action") return auditActionWords.find(({ action }) => action === value)?.words ?? value;
  if (name === "factor") return wordsOfFactor(value).label;
  return value;
}
