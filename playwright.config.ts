import { defineConfig } from "@playwright/test";
import { chromiumArguments, findChromium } from "./scripts/find-chromium.mjs";

/*
 * journeys and attacks run against the built app on a throw-away PostgreSQL; demo against the built app as a newcomer
 * starts it, with the embedded database. e2e/fixtures/servers.ts starts both.
 */
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/fixtures/servers.ts",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 300_000,
  expect: { timeout: 20_000 },
  use: {
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: findChromium(),
      args: chromiumArguments,
      // People have the back-forward cache, and what it restores must not show what was locked.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    },
  },
  projects: [
    { name: "app", testMatch: ["journeys/**/*.spec.ts", "attacks/**/*.spec.ts"] },
    { name: "demo", testMatch: ["demo/**/*.spec.ts"] },
  ],
});
