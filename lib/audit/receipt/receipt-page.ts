import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReceiptData } from "./receipt-data";

/** In the order in which each finds what it takes from the ones before. */
const scripts = ["signed-formats.js", "receipt-words.js", "verify-receipt.js", "show-receipt.js"];

/**
 * A receipt as one HTML file that checks itself where it is opened, offline. The data stands in it as JSON and comes
 * into the page as text alone; the policy lets exactly this script and this style in, and reaches nobody.
 */
export function renderReceipt(data: ReceiptData): string {
  const script = receiptScript();
  const style = readPart("receipt.css");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Receipt of a confirmed action – Keyturn</title>
<style>${style}</style>
</head>
<body>
${readPart("receipt-body.html")}
<script type="application/json" id="receipt-data">${embedded(data)}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** The one script of the page: its modules, joined in the order of their imports, of which none is left. */
export function receiptScript(): string {
  const joined = scripts.map((name) =>
    readPart(name)
      .replaceAll(/^import [^;]*;\n/gm, "")
      .replaceAll(/^export /gm, ""),
  );
  return `\n${joined.join("\n")}\nvoid showReceipt();\n`;
}

function policyOf(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Without `<` nothing in a script element can end it or open a comment (HTML § 4.12.1.3). */
function embedded(data: ReceiptData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function readPart(name: string): string {
  return readFileSync(join(process.cwd(), "lib/audit/receipt", name), "utf8");
}
