import { describe, expect, it } from "vitest";
import { makeReceipt } from "@/lib/testing/receipts";
import { verifyReceipt } from "./verify-receipt";

describe("x", () => {
  it.each(["es256", "eddsa", "rs256"] as const)("good %s", async (algorithm) => {
    const f = await verifyReceipt(await makeReceipt({ algorithm }));
    console.log(f.verdict, f.checks);
    expect(f.verdict.kind).toBe("fits");
  });
});
