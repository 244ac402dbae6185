import { expect, it } from "vitest";
import { turns } from "./turn";

it("no two works share a turn: one would hold the other up", () => {
  const numbers = Object.values(turns);
  expect(new Set(numbers).size).toBe(numbers.length);
});
