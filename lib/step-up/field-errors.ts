import type { z } from "zod";

/** What is wrong with each field, the first thing each, by its path ("fields.name"); with all of it together: "form". */
export function fieldErrors(error: z.ZodError): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const issue of error.issues) {
    const path = issue.path.join(".") || "form";
    fields[path] ??= issue.message;
  }
  return fields;
}
