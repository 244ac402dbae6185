import { z } from "zod";

/*
 * Next answers 500 where it cannot read the router state that its own client sends along. What it needs is checked
 * here; a state of another form is left out, and Next renders the whole page. So the worst that a new form of a later
 * Next costs is a larger answer.
 */

const segment = z.union([
  z.string(),
  z.tuple([
    z.string(),
    z.string(),
    z.enum(["c", "oc", "d", ...["c", "d"].flatMap(intercepting)]),
    z.array(z.string()).nullable(),
  ]),
]);

const state: z.ZodType = z.tuple([
  segment,
  z.record(
    z.string(),
    z.lazy(() => state),
  ),
  z.tuple([z.string(), z.string()]).nullish(),
  z.enum(["refetch", "inside-shared-layout", "metadata-only"]).nullish(),
  z.number().nullish(),
  z.string().optional(),
]);

function intercepting(kind: string): string[] {
  return ["(..)(..)", "(.)", "(..)", "(...)"].map((levels) => `${kind}i${levels}`);
}

/** Whether Next can read a `Next-Router-State-Tree` header. */
export function isRouterState(header: string): boolean {
  try {
    return state.safeParse(JSON.parse(decodeURIComponent(header), withoutPrototype)).success;
  } catch {
    return false;
  }
}

/** zod looks past a member `__proto__`, which Next's check does not. */
function withoutPrototype(name: string, value: unknown): unknown {
  if (name === "__proto__") throw new TypeError("a member __proto__");
  return value;
}
