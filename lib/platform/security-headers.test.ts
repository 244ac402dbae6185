import { describe, expect, it } from "vitest";
import { answerKind, securityHeaders } from "./security-headers";

const policyOf = (facts: { secure: boolean; development?: boolean }) =>
  securityHeaders(facts, "page", "bm9uY2U=")["content-security-policy"] ?? "";

describe("security headers", () => {
  it("promise TLS for two years, and only where there is TLS", () => {
    const promise = (secure: boolean) =>
      securityHeaders({ secure }, "file", "n")["strict-transport-security"];
    expect([promise(true), promise(false)]).toEqual(["max-age=63072000; includeSubDomains", undefined]);
  });

  it("let no string become code in production", () => {
    expect(policyOf({ secure: true })).not.toMatch(/unsafe-eval|(?<!style-src-attr )'unsafe-inline'/);
    expect(policyOf({ secure: true })).toContain("script-src 'self' 'nonce-bm9uY2U=' 'strict-dynamic';");
    expect(policyOf({ secure: true })).toMatch(
      /; require-trusted-types-for 'script'; trusted-types default$/,
    );
    expect(policyOf({ secure: true, development: true })).toContain("'unsafe-eval'");
  });

  it("take the nonce for pages alone: what is kept in caches has none", () => {
    expect(JSON.stringify(securityHeaders({ secure: true }, "file", "bm9uY2U="))).not.toContain("bm9uY2U=");
  });

  it.each([
    ["GET", "/customers", "page"],
    ["GET", "/api/ready", "page"],
    ["HEAD", "/_next/static/chunks/0a~b.js", "file"],
    ["POST", "/_next/static/chunks/0a.js", "page"],
    ["GET", "/_next/static/../customers", "page"],
    ["GET", "/icon.svg", "file"],
    ["GET", "/icon.svgx", "page"],
  ])("of %s %s are those of a %s", (method, path, kind) => expect(answerKind(method, path)).toBe(kind));
});
