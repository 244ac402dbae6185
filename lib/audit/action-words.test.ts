import { expect, it } from "vitest";
import { protectedActions } from "@/lib/protected-actions";
import { actionInWords } from "./action-words";

it.each(Object.keys(protectedActions))("has words for %s, whatever the record", (action) => {
  expect(actionInWords(action)).toMatch(/^[a-z][^{}]+$/);
  expect(actionInWords(action)).not.toBe(action);
});

it("tells what an older or newer version named as it stands, without a look at what every object has", () => {
  expect(actionInWords("customer.merge")).toBe("customer.merge");
  expect(actionInWords("constructor")).toBe("constructor");
});
