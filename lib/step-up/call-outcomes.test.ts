import { expect, it } from "vitest";
import { callKey } from "./call-outcomes";

const call = { sessionId: "s", callId: "c", action: "customer.change-bank-details", input: { iban: "DE89" } };
const ringOf = (byte: number) => [{ id: "k", key: Buffer.alloc(32, byte) }];

it("a call's digest is one for each input, and nobody without the key ring computes it", () => {
  const { digest } = callKey(ringOf(1), call);
  expect(callKey(ringOf(1), call).digest).toBe(digest);
  expect(callKey(ringOf(1), { ...call, input: { iban: "DE90" } }).digest).not.toBe(digest);
  expect(callKey(ringOf(2), call).digest).not.toBe(digest);
});
