import { type Role, roles } from "@/db/schema/people";
import { comesTo, isWorkOf } from "@/lib/access/work";
import { type ActionName, floorOf } from "@/lib/protected-actions";
import { factorWords } from "@/lib/step-up/factor-words";
import { type FactorName, sentCodeFactors } from "@/lib/step-up/facts";
import type { Requirement } from "@/lib/step-up/requirement";
import { isFactorOn } from "./document";
import { readByPages } from "./problems";
import { ageLabel, labelOf, ruledActions } from "./words";

export type RowFactor = {
  name: FactorName;
  label: string;
  /** Whether it is on where the policy says nothing of it. */
  onByDefault: boolean;
  /** A code that is sent confirms nothing that is bound to its input. */
  bySessionOnly: boolean;
  /** Roles of which the floor doesn't accept it here. */
  exceptFor: Role[];
};

/** One action as the table of rules shows it: what it never goes below, and what may be set. */
export type PolicyRow = {
  action: ActionName;
  label: string;
  group: "Customers and contracts" | "One's own account" | "Administration";
  /** What the floor accepts, strongest first, and what it chooses from that (on administrators' own accounts: more). */
  factors: RowFactor[];
  choose: Requirement["choose"];
  /** What it accepts besides; no rule leaves it out: it is how a lost phone is replaced. */
  also: RowFactor[];
  /** Whether the password confirms it for whoever never had a second factor. */
  whenNone: boolean;
  binding: "session" | "input";
  /** What may be chosen instead of the floor's age, the longest first; empty where every act asks anew. */
  ages: { seconds: number; label: string }[];
  /** Whether it may be asked for anew each time, bound to exactly the input. */
  bindable: boolean;
  /** Whether an authenticator on probation confirms it by the floor. */
  probation: boolean;
  /** Roles that may be left out; none where it is everybody's own. */
  roles: Role[];
};

const ages = [900, 600, 300, 120, 60];

/** The table of everything that asks for a proof, in the order in which people meet it. */
export function policyTable(): PolicyRow[] {
  return ruledActions.map((action) => {
    const role = roles.find((one) => comesTo(one, action)) ?? "employee";
    const floor = floorOf(action, { role });
    const bySession = floor.binding === "session";
    return {
      action,
      label: labelOf(action),
      group: groupOf(action),
      factors: floor.factors.map((name) => rowFactor(action, name)),
      choose: floor.choose,
      also: floor.also.map((name) => rowFactor(action, name)),
      whenNone: floor.whenNone.length > 0,
      binding: floor.binding,
      ages: bySession
        ? ages
            .filter((seconds) => seconds <= floor.maxAgeSeconds)
            .map((seconds) => ({ seconds, label: ageLabel(seconds) }))
        : [],
      bindable: bySession && !readByPages.includes(action),
      probation: floor.probation === "accepted",
      roles: roles.filter((one) => isWorkOf(one, action)),
    };
  });
}

function rowFactor(action: ActionName, name: FactorName): RowFactor {
  const onByDefault = isFactorOn({ factors: {} }, name);
  const exceptFor = roles.filter((role) => {
    const { factors, also } = floorOf(action, { role });
    return comesTo(role, action) && ![...factors, ...also].includes(name);
  });
  const bySessionOnly = sentCodeFactors.includes(name);
  return { name, label: factorWords[name].label, onByDefault, bySessionOnly, exceptFor };
}

function groupOf(action: ActionName): PolicyRow["group"] {
  if (action.startsWith("security.") || action.startsWith("session.")) return "One's own account";
  return action.startsWith("admin.") ? "Administration" : "Customers and contracts";
}
