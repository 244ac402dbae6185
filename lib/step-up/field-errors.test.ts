import { expect, it } from "vitest";
import { z } from "zod";
import { fieldErrors } from "./field-errors";

const form = z
  .strictObject({ name: z.string().min(1, "Give it a name."), at: z.strictObject({ city: z.string() }) })
  .refine(({ name, at }) => name !== at.city, "These can't be the same.");

it.each<[unknown, Record<string, string>]>([
  [{ name: "", at: { city: "Ulm" } }, { name: "Give it a name." }],
  [{ name: "Acme", at: { city: 7 } }, { "at.city": expect.any(String) }],
  [{ name: "Ulm", at: { city: "Ulm" } }, { form: "These can't be the same." }],
  [{ name: "Acme", at: { city: "Ulm" }, role: "administrator" }, { form: expect.stringContaining("role") }],
])("tells by its path what is wrong with %j, and loses nothing of it", (input, fields) => {
  const read = form.safeParse(input);
  expect(read.error && fieldErrors(read.error)).toEqual(fields);
});
