import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { makeReceipt } from "@/lib/testing/receipts";
import { receiptScript, renderReceipt } from "./receipt-page";

const hostile = "</script><script>alert(1)</script><!--<script>\u2028\u2029\u202E]]>&lt;\"'`$&$'\u0000";

const scriptsOf = (page: string) => [...page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)];
const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

describe("the receipt's page", () => {
  it("holds the data exactly, and no text of it can end its element", async () => {
    const data = await makeReceipt({
      by: { name: hostile, email: hostile },
      prompt: { purpose: hostile, verb: hostile, changes: [{ label: hostile, from: hostile, to: hostile }] },
      names: { authenticator: hostile, record: hostile },
    });
    const page = renderReceipt(data);
    const scripts = scriptsOf(page);
    expect(scripts.map(([, attributes]) => attributes)).toEqual([
      ' type="application/json" id="receipt-data"',
      ' type="module"',
    ]);
    expect(JSON.parse(scripts[0]![2]!)).toEqual(data);
    expect(scripts[0]![2]).not.toMatch(/</);
    expect(page.match(/<!--/)).toBeNull();
    // Outside its element a page says the same for everybody.
    const rest = page.replace(scripts[0]![2]!, "");
    expect(rest).toBe(renderReceipt(await makeReceipt()).replace(/(id="receipt-data">)[^<]*/, "$1"));
  });

  it("lets in its own script and style, by their hashes, and nothing else", async () => {
    const page = renderReceipt(await makeReceipt());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)![1];
    const script = scriptsOf(page)[1]![2]!;
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`,
    );
    // The policy holds for what comes after it.
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
  });

  it("names no address to load from, to send to, or to go to", async () => {
    const page = renderReceipt(await makeReceipt()).replace(/(id="receipt-data">)[^<]*/, "$1");
    expect(page).not.toMatch(/https?:|\b(src|href|action)=|\burl\(|@import|@font-face/);
    // Comments name types by import("…").
    const code = receiptScript().replaceAll(/import\("\.\/receipt-data"\)/g, "");
    expect(code).not.toMatch(/\bfetch\b|XMLHttpRequest|WebSocket|sendBeacon|\bimport\b\s*\(|location/);
  });

  it("makes no markup of values", () => {
    expect(receiptScript()).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/,
    );
  });

  it("has one script, whole, without imports, in which each name stands for one thing", () => {
    const script = receiptScript();
    expect(script).not.toMatch(/^(import|export)\b/m);
    expect(script).not.toMatch(/<\/script|<!--/i);
    expect(() => new Script(`"use strict"; async () => {${script}}`)).not.toThrow();
    const names = [...script.matchAll(/^(?:async )?(?:function|const|let|class) (\w+)/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("wears the app's colours, in both themes", () => {
    const dark = /@media[^{]*prefers-color-scheme: dark/;
    const themesOf = (file: string) => readFileSync(file, "utf8").split(dark).slice(0, 2).map(coloursIn);
    const [app, own] = [themesOf("app/globals.css"), themesOf("lib/audit/receipt/receipt.css")];
    for (const theme of [0, 1]) {
      expect(Object.keys(own[theme]!).length).toBeGreaterThan(12);
      expect(app[theme]).toMatchObject(own[theme]!);
    }
  });
});

function coloursIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}
