import type { FactorName } from "../facts";
import type { Factor } from "./factor";

/** Every factor of the app by its name. Factors know one another through this only. */
export type Registry = { get(name: FactorName): Factor };

/** One line a factor; exhaustive: a factor's name without a factor does not compile. */
export function createRegistry(factors: Record<FactorName, Factor>): Registry {
  return { get: (name) => factors[name] };
}
