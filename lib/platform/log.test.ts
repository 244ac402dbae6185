import { DrizzleQueryError } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logFailure, takeOverErrors } from "./log";

describe("the diagnostic log (threats.md 26)", () => {
  const original = console.error;
  const printed: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    console.error = vi.fn((...told: unknown[]) => void printed.push(told.join(" ")));
  });
  afterEach(() => {
    console.error = original;
  });

  const failure = () =>
    new DrizzleQueryError(
      "select * from people where email = $1",
      ["erin@keyturn.example"],
      new Error("down"),
    );

  it("tells a failure in one line, without a statement's parameters", () => {
    logFailure("4f2a", "customer.edit", failure());
    expect(printed).toHaveLength(1);
    expect(printed[0]).not.toContain("erin@keyturn.example");
    expect(printed[0]).not.toContain("\n");
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({
      reference: "4f2a",
      action: "customer.edit",
      message: "Failed query: select * from people where email = $1",
      because: "down",
    });
  });

  it("tells why a statement failed by PostgreSQL's code, and not by its words, which quote what was typed", () => {
    const cause = Object.assign(new Error('invalid input syntax for type uuid: "erin@keyturn.example"'), {
      code: "22P02",
    });
    logFailure("4f2a", "customer.edit", new DrizzleQueryError("select $1::uuid", ["x"], cause));
    expect(printed[0]).not.toContain("erin@keyturn.example");
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({ because: "22P02" });
  });

  it("tells what the framework prints of a page's failure the same way, by the digest that the browser has", () => {
    takeOverErrors();
    console.error(" ⨯", Object.assign(failure(), { digest: "2951" }));
    expect(printed).toHaveLength(1);
    expect(printed[0]).not.toContain("erin@keyturn.example");
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({ reference: "2951", action: "page" });
  });

  it("lets nobody forge a line with what they typed", () => {
    logFailure("1", "page", new Error('x"}\n{"level":"info","message":"all is well'));
    expect(printed[0]?.split("\n")).toHaveLength(1);
  });

  it("leaves plain words alone", () => {
    takeOverErrors();
    console.error("Port 3000 is in use");
    expect(printed).toEqual(["Port 3000 is in use"]);
  });
});
