import { beforeEach, describe, expect, it, vi } from "vitest";
import { readEnvironment } from "@/lib/platform/env";
import { originAllowed } from "./current-session";

/* The check of every action itself, behind the gate in front of Next and without it (threats.md 2). */
let given = new Headers();
vi.mock("next/headers", () => ({ headers: async () => given, cookies: async () => new Map() }));

const origin = "https://crm.example.com";
const host = "crm.example.com";

beforeEach(() => {
  globalThis.keyturnEnvironment = readEnvironment({
    NODE_ENV: "test",
    KEYTURN_URL: origin,
    KEYTURN_DEMO: "0",
    KEYTURN_DATA_DIR: "/nonexistent",
  });
});

const asks = (headers: Record<string, string>) => {
  given = new Headers(headers);
  return originAllowed();
};

describe("an action is run", () => {
  it("for our origin and our host", async () => {
    expect(await asks({ origin, host })).toBe(true);
  });

  it.each([
    ["no Origin", { host }],
    ["an empty Origin", { origin: "", host }],
    ["the Origin of an opaque page", { origin: "null", host }],
    ["another site's Origin", { origin: "https://evil.example", host }],
    ["ours without TLS", { origin: "http://crm.example.com", host }],
    ["ours with another port", { origin: `${origin}:8443`, host }],
    ["ours with a path", { origin: `${origin}/`, host }],
    ["one that begins like ours", { origin: `${origin}.evil.example`, host }],
    ["no Host", { origin }],
    ["another Host", { origin, host: "evil.example" }],
    [
      "another Host, whatever a proxy is said to have seen",
      { origin, host: "evil.example", "x-forwarded-host": host },
    ],
    ["another site and its Host", { origin: "https://evil.example", host: "evil.example" }],
  ])("not for %s", async (_, headers) => {
    expect(await asks(headers as Record<string, string>)).toBe(false);
  });
});
