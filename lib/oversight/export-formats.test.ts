import { describe, expect, it } from "vitest";
import { rowsIn } from "./export-formats";
import type { LogRow } from "./select-rows";

const row: LogRow = {
  seq: 1,
  id: "00000000-0000-4000-8000-000000000000",
  at: "2026-11-28T12:00:00.000000Z",
  actor: null,
  sessionId: null,
  action: "customer.edit",
  sentence: "",
  summary: "",
  outcome: "allowed",
  record: null,
  factor: null,
  authenticatorId: null,
  policyVersion: null,
  address: null,
  detail: {},
  repeats: 1,
  isDemo: false,
};

/** The cells of a line as a spreadsheet reads them that parts by this sign alone, and knows no other quotes. */
const cells = (text: string, delimiter: string) => text.trimEnd().split(delimiter);

describe("the log as CSV (threats.md 32)", () => {
  it.each([
    "=1+1",
    " \t=1+1",
    'Bob;=HYPERLINK("https://evil.example")',
    "Bob; +1",
    'Bob;"=1+1',
    'Bob\t"@SUM(A1)',
    "Bob;-1;＝1",
  ])("%j runs nothing, whatever the spreadsheet parts cells by", (name) => {
    const text = rowsIn("csv", [{ ...row, actor: { id: row.id, name, email: null } }]);
    for (const delimiter of [",", ";", "\t"])
      for (const cell of cells(text, delimiter)) expect(cell).not.toMatch(/^["\s]*[=+\-@＝＋－＠]/);
  });

  it("leaves what is no formula as it was", () => {
    const name = "Bob; Alice, Carol - and more";
    expect(rowsIn("csv", [{ ...row, actor: { id: row.id, name, email: null } }])).toContain(`"${name}"`);
  });
});
