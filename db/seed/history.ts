import type { auditEvents } from "@/db/schema/audit";
import { maskIban } from "@/lib/customers/bank-details";
import { type Colleague, type SeededCompany, type Staff, streetOf } from "./companies";
import { daysBefore } from "./days";
import { ibanOf } from "./ibans";
import { idOf, type Random, randomOf } from "./random";

export type EventRow = typeof auditEvents.$inferInsert;

export type History = {
  /** Oldest first. */
  events: EventRow[];
  /** What the edits leave behind in the customer's row. */
  version: number;
  updatedAt: Date;
};

type Told = Pick<EventRow, "action" | "recordType" | "recordId" | "detail"> & {
  outcome: "allowed" | "cancelled" | "refused";
  changed: boolean;
};

/** What happened to a customer in the last year; without people nothing did. */
export function historyOf(company: SeededCompany, staff: Staff, now: Date): History {
  const { createdAt } = company;
  const random = randomOf("history", company.index);
  const actors = actorsOf(company, staff);
  if (actors.length === 0) return { events: [], version: 1, updatedAt: createdAt };
  const told = tellBackwards(random, company, timesOf(random, createdAt, now)).reverse();
  const edits = told.filter(({ changed }) => changed);
  const isNew = createdAt > daysBefore(now, 365);
  const all = isNew ? [{ at: createdAt, ...creationOf(company) }, ...told] : told;
  return {
    events: all.map((one, place) => rowOf(random, company, random.pick(actors), place, one)),
    version: 1 + edits.length,
    updatedAt: edits.at(-1)?.at ?? createdAt,
  };
}

/** Mostly the account manager. Erin has no second factor yet: she cannot have done any of this. */
function actorsOf({ team, accountManager }: SeededCompany, staff: Staff): Colleague[] {
  const able = staff.colleagues[team].filter(({ name }) => name !== "Erin Novak");
  const manager = able.filter(({ id }) => id === accountManager?.id);
  return [...able, ...manager, ...manager, ...manager];
}

function timesOf(random: Random, createdAt: Date, now: Date): Date[] {
  const days = Math.min(365, (now.getTime() - createdAt.getTime()) / 86_400_000);
  const moments = Array.from({ length: random.whole(2, 9) }, () => daysBefore(now, random.next() * days));
  const working = moments.map((at) => workingTime(random, at));
  return working.filter((at) => at > createdAt && at < now).sort((a, b) => a.getTime() - b.getTime());
}

/** Between 7:00 and 17:00 UTC, from Monday to Friday. */
function workingTime(random: Random, at: Date): Date {
  const weekend = at.getUTCDay() === 6 ? 1 : at.getUTCDay() === 0 ? 2 : 0;
  const moved = daysBefore(at, weekend);
  moved.setUTCHours(random.whole(7, 16), random.whole(0, 59), random.whole(0, 59), random.whole(0, 999));
  return moved;
}

/** From the customer as it is back in time, so that each change ends where the next one began. */
function tellBackwards(random: Random, company: SeededCompany, times: Date[]): (Told & { at: Date })[] {
  const { phone, email, street, iban } = company.customer;
  const known: Known = { phone: phone ?? "", email: email ?? "", street: street ?? "", iban: iban ?? null };
  return times.toReversed().map((at) => ({ at, ...actOf(random, company, known) }));
}

type Known = { phone: string; email: string; street: string; iban: string | null };

function actOf(random: Random, company: SeededCompany, known: Known): Told {
  const kinds = { view: 45, edit: 42, bank: known.iban ? 6 : 0, cancelled: 4, refused: 3 };
  const kind = random.weighted(Object.entries(kinds));
  const customer = { recordType: "customer", recordId: company.customer.id };
  if (kind === "edit") {
    const detail = { changes: [editOf(random, company, known)] };
    return { action: "customer.edit", ...customer, detail, outcome: "allowed", changed: true };
  }
  if (kind === "bank") {
    const detail = { changes: [bankChangeOf(random, company, known)] };
    return { action: "customer.change-bank-details", ...customer, detail, outcome: "allowed", changed: true };
  }
  if (kind === "cancelled") {
    return { action: "customer.edit", ...customer, detail: {}, outcome: "cancelled", changed: false };
  }
  const contract = {
    action: "contract.view",
    recordType: "contract",
    recordId: random.pick(company.contracts).row.id,
  };
  return kind === "refused"
    ? { ...contract, detail: { reason: "wrong" }, outcome: "refused", changed: false }
    : { ...contract, detail: { by: random.pick(["button", "page"]) }, outcome: "allowed", changed: false };
}

function editOf(random: Random, { country, phonePattern }: SeededCompany, known: Known) {
  const field = random.pick(["phone", "phone", "email", "street"] as const);
  const earlier = {
    phone: () => random.fill(phonePattern),
    email: () => known.email.replace(/^[^@]+/, random.pick(["mail", "sales", "post", "service"])),
    street: () => streetOf(random, country),
  };
  const change = { field, from: earlier[field](), to: known[field] };
  known[field] = change.from;
  return change;
}

function bankChangeOf(random: Random, { country }: SeededCompany, known: Known) {
  const to = maskIban(known.iban ?? "");
  known.iban = ibanOf(random, country.code);
  return { field: "iban", from: maskIban(known.iban), to };
}

function creationOf({ customer }: SeededCompany): Told {
  const detail = { name: customer.name };
  return {
    action: "customer.create",
    recordType: "customer",
    recordId: customer.id,
    detail,
    outcome: "allowed",
    changed: false,
  };
}

function rowOf(
  random: Random,
  company: SeededCompany,
  actor: Colleague,
  place: number,
  told: Told & { at: Date },
): EventRow {
  const { at, changed: _, detail, ...row } = told;
  const factor =
    row.outcome === "cancelled"
      ? null
      : random.weighted([
          ["totp", 3],
          ["passkey", 1],
        ] as const);
  return {
    ...row,
    id: idOf("event", company.index, place),
    at: at.toISOString(),
    actorId: actor.id,
    factor,
    address: `198.51.100.${random.whole(2, 250)}`,
    detail: row.outcome === "allowed" ? { ...(detail as object), ...confirmedWith(random, factor) } : detail,
    isDemo: true,
    mac: null,
  };
}

/** A code is looked up and typed; a fingerprint is quicker. Some were on the telephone meanwhile. */
function confirmedWith(random: Random, factor: string | null): { confirmedInMs: number } {
  const [least, most] = factor === "passkey" ? [1_800, 6_000] : [6_000, 19_000];
  const distracted = random.whole(1, 12) === 1 ? 4 : 1;
  return { confirmedInMs: random.whole(least, most) * distracted };
}
