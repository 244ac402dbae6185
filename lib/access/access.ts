import { eq, type SQL, sql } from "drizzle-orm";
import { customers } from "@/db/schema/customers";
import type { Person } from "@/lib/people/person";

/** What a check needs of a record: whose team it belongs to. */
export type OfTeam = { teamId: string };

/**
 * Which teams' customers a person sees and works on. Every other check here follows from it: employees have their
 * own team, managers all of them, administrators and auditors none. A role or a team that is missing opens nothing.
 */
type Reach = { teams: "all" } | { teams: "one"; teamId: string } | { teams: "none" };

function reachOf({ role, teamId }: Person): Reach {
  if (role === "manager") return { teams: "all" };
  if (role === "employee" && teamId) return { teams: "one", teamId };
  return { teams: "none" };
}

/**
 * The WHERE condition of every read and every UPDATE of customers. Always a condition: where nothing is visible it
 * is `false`, since drizzle drops an undefined one and would show everything.
 */
export function visibleCustomers(person: Person): SQL {
  const reach = reachOf(person);
  switch (reach.teams) {
    case "all":
      return sql`true`;
    case "one":
      return eq(customers.teamId, reach.teamId);
    case "none":
      return sql`false`;
  }
}

/** The same rule for a record at hand. */
export function maySeeCustomer(person: Person, customer: OfTeam): boolean {
  return reaches(person, customer.teamId);
}

/** What the list shows may be edited by who sees it; bank details included. */
export function mayEditCustomer(person: Person, customer: OfTeam): boolean {
  return reaches(person, customer.teamId);
}

/** A new customer goes into a team that the person works for. */
export function mayCreateCustomer(person: Person, teamId: string): boolean {
  return reaches(person, teamId);
}

/** Contracts belong to their customer; the second factor is asked for by contract.view, not here. */
export function mayViewContract(person: Person, customer: OfTeam): boolean {
  return reaches(person, customer.teamId);
}

/** Whether there is any team that the person could work for: decides if "New customer" is offered. */
export function mayCreateCustomers(person: Person): boolean {
  return reachOf(person).teams !== "none";
}

/** Who works here, who is invited to, which factors and rules there are: administrators alone see and decide that. */
export function mayAdminister(person: Person): boolean {
  return person.role === "administrator";
}

/** The audit log of everything and everybody. An auditor reads and verifies it, and does nothing else. */
export function mayReadAudit(person: Person): boolean {
  return person.role === "administrator" || person.role === "auditor";
}

function reaches(person: Person, teamId: string): boolean {
  const reach = reachOf(person);
  if (reach.teams === "all") return teamId !== "";
  return reach.teams === "one" && reach.teamId === teamId;
}
