import fc from "fast-check";
import { parseAndValidateFlightRouterState } from "next/dist/server/app-render/parse-and-validate-flight-router-state";
import { describe, expect, it } from "vitest";
import { isRouterState } from "./router-state";

const header = (state: unknown) => encodeURIComponent(JSON.stringify(state));

/** Next's own reader is the judge: it throws where the page would be answered with 500. */
function nextReads(text: string): boolean {
  try {
    parseAndValidateFlightRouterState(text);
    return true;
  } catch {
    return false;
  }
}

const tree = [
  "",
  { children: ["customers", { children: [["customerId", "7", "d", null], {}] }] },
  null,
  null,
  16,
];

describe("a router state", () => {
  it.each([
    [["", {}]],
    [tree],
    [["", { children: ["(signed-in)", {}, null, "refetch"] }, null, null, 0, "x"]],
    [[["slug", "a/b", "ci(..)(..)", ["new"]], {}, ["/a", "?b"], "metadata-only"]],
  ])("is read as Next's client writes it: %j", (state) => {
    expect([nextReads(header(state)), isRouterState(header(state))]).toEqual([true, true]);
  });

  it.each(["x", "%", "%E0%A4%A", "[]", "null", "{}", header(["", {}, null, "x"]), header(["", { a: [] }])])(
    "is none where Next would throw: %j",
    (text) => {
      expect([nextReads(text), isRouterState(text)]).toEqual([false, false]);
    },
  );

  it("is never taken where Next would throw", () => {
    const value = fc.letrec((tie) => ({
      part: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(
          ...["", "d", "refetch", null, 0, true, -1.5, ["customerId", "7", "d", null]],
        ),
        fc.tuple(tie("part"), fc.dictionary(fc.constantFrom("children", "a", "__proto__"), tie("part"))),
        fc.tuple(tie("part"), tie("part"), tie("part"), tie("part"), tie("part")),
        fc.jsonValue(),
      ),
    })).part;
    fc.assert(
      fc.property(value, (state) => {
        if (isRouterState(header(state))) expect(nextReads(header(state)), header(state)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
