import { NextRequest } from "next/server";
import { afterEach, expect, it, vi } from "vitest";
import { proxy } from "./proxy";

afterEach(() => vi.unstubAllEnvs());

const hsts = (url: string) => proxy(new NextRequest(url)).headers.get("strict-transport-security");

it("tells browsers to come by TLS alone, where it is reached by TLS", () => {
  expect(hsts("https://crm.example.com/")).toMatch(/max-age=\d{8}/);
  expect(hsts("http://localhost:3000/")).toBeNull();
});

it("tells them so behind a proxy that speaks TLS for it", () => {
  vi.stubEnv("KEYTURN_URL", "https://crm.example.com");
  expect(hsts("http://10.0.0.7:3000/")).toMatch(/max-age=\d{8}/);
});
