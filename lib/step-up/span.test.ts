import { expect, it } from "vitest";
import { span } from "./span";

it("a wait is told in the largest unit that is fair, rounded up", () => {
  const told = [1, 59, 60, 61, 3600, 5400, 5401, 86_400].map(span);
  expect(told).toEqual([
    "1 s",
    "59 s",
    "1 minute",
    "2 minutes",
    "60 minutes",
    "90 minutes",
    "2 hours",
    "24 hours",
  ]);
});
