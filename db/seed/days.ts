const dayMs = 86_400_000;

/** So many days before (or, with a negative number, after) a moment. */
export function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - Math.round(days * dayMs));
}

/** The day as PostgreSQL's date has it. */
export function dateOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
