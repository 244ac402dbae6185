// @ts-check
import { confirmedWith } from "./receipt-words";
import { bytesOf, hexOf, sha256 } from "./signed-formats";
import { verifyReceipt } from "./verify-receipt";

/**
 * Runs in the receipt's page: fills it from what was verified. Every value goes in as text, never as markup, and marks
 * that would turn or hide letters are shown for what they are.
 *
 * @typedef {import("./receipt-data").ReceiptData} ReceiptData
 * @typedef {import("./receipt-data").Told} Told
 * @typedef {import("./receipt-data").Findings} Findings
 */

/** Reads the page's data, verifies it, and shows what came out. */
export async function showReceipt() {
  const text = find("receipt-data").textContent ?? "";
  /** @type {ReceiptData | null} */
  const data = readJson(text);
  const findings = await verifyReceipt(data);
  showVerdict(findings.verdict);
  find("check-list").replaceChildren(...findings.checks.map(checkItem));
  show("checks");
  if (data && findings.told) await showTold(data, findings.told, findings.verdict.kind);
}

/** @param {string} text */
function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Findings["verdict"]} verdict */
function showVerdict({ kind, sentence }) {
  const mark = { fits: "✓", broken: "✗", incomplete: "–", unsigned: "–", erased: "–" }[kind];
  const banner = find("verdict");
  banner.dataset.kind = kind;
  banner.replaceChildren(make("span", "mark", mark), make("p", "", visible(sentence)));
  banner.firstElementChild?.setAttribute("aria-hidden", "true");
}

/** @param {import("./receipt-data").Check} check */
function checkItem({ name, result, sentence }) {
  const [sign, word] = { passed: ["✓", "Fits"], failed: ["✗", "Failed"], "not-done": ["–", "Not done"] }[
    result
  ];
  const mark = make("span", "mark", sign ?? "");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", `${word}:`);
  const item = make("li", "", mark, make("span", "", visible(sentence)));
  item.dataset.result = result;
  item.dataset.check = name;
  return item;
}

/** @param {ReceiptData} data @param {Told} told @param {import("./receipt-data").VerdictKind} kind */
async function showTold(data, told, kind) {
  if (kind === "broken") {
    find("approved-title").textContent = "What this file claims";
    show("claims-only");
  }
  showWords(told);
  const facts = [who(told), how(data, told), when(told), about(data, told), where(data, told)];
  find("facts").replaceChildren(...facts.map(([name, ...lines]) => fact(name, lines)));
  find("log-name").textContent = told.head ? visible(told.head.origin) : "unknown";
  find("vkey").textContent = visible(data.vkey);
  find("fingerprint").textContent = await fingerprint(data.vkey);
  find("made-at").textContent = inUtc(data.madeAt);
  find("checkpoint").textContent = data.checkpoint;
  find("leaf").textContent = JSON.stringify(JSON.parse(data.row.leaf), null, 2);
  find("opening").textContent = data.opening
    ? JSON.stringify(JSON.parse(data.opening), null, 2)
    : "Erased on request.";
  for (const id of ["approved", "key", "limits", "sources", "made"]) show(id);
}

/** @param {Told} told */
function showWords({ row, opening, content, isSigned }) {
  if (row.isDemo) show("demo");
  const purpose = find("purpose");
  if (!content) {
    const gone = opening
      ? "The words were not kept."
      : "The words, the name and the email address were erased.";
    purpose.replaceChildren(`${gone} The row names the action: `, make("code", "", visible(row.action)));
  } else {
    purpose.replaceChildren("Confirm it's you ", make("strong", "", isolated(content.prompt.purpose)));
    const signed = isSigned ? "These words were signed" : "These words were in the prompt";
    find("verb").replaceChildren(`${signed}; the button said “`, isolated(content.prompt.verb), "”.");
  }
  const confirmed = content?.prompt.changes ?? [];
  const kept = opening?.changes ?? [];
  if (confirmed.length > 0) showChanges("Confirmed changes", confirmed);
  else if (kept.length > 0) {
    const told = kept.map(({ field, from, to }) => ({ label: field, from, to }));
    showChanges("Changes as the log keeps them; they were not part of the words", told);
  }
}

/** @param {string} title @param {{ label: string, from: string | null, to: string | null }[]} changes */
function showChanges(title, changes) {
  find("changes-title").textContent = title;
  const rows = changes.map(({ label, from, to }) => {
    const heading = make("th", "", isolated(label));
    heading.setAttribute("scope", "row");
    return make("tr", "", heading, cell("Before", from), cell("After", to));
  });
  find("change-rows").replaceChildren(...rows);
  show("changes");
}

/** @param {string} column @param {string | null} value */
function cell(column, value) {
  const label = make("span", "column", `${column}: `);
  label.setAttribute("aria-hidden", "true");
  return make("td", "", label, value ? isolated(value) : make("em", "", "nothing"));
}

/** @typedef {[name: string, ...lines: (string | HTMLElement)[]]} Fact */

/** @param {Told} told @returns {Fact} */
function who({ row, opening }) {
  const id = labelled("User id", row.actorId ?? "none");
  if (!opening) return ["By", "Erased on request", id];
  const { name, email } = opening.by;
  return ["By", make("strong", "", isolated(name)), isolated(email), id];
}

/** @param {ReceiptData} data @param {Told} told @returns {Fact} */
function how({ names }, { row, isSigned }) {
  const method = isSigned ? "A passkey, for exactly this" : confirmedWith(row.factor);
  const today = names.authenticator === null ? [] : [namedToday(names.authenticator)];
  const id = row.authenticatorId === null ? [] : [labelled("Authenticator id", row.authenticatorId)];
  return ["Confirmed with", make("strong", "", method), ...today, ...id];
}

/** @param {Told} told @returns {Fact} */
function when({ row }) {
  const local = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long" });
  const here = `Here: ${local.format(new Date(row.at))}`;
  return ["When", make("strong", "", inUtc(row.at)), here, note("By the installation's clock")];
}

/** @param {ReceiptData} data @param {Told} told @returns {Fact} */
function about({ names }, { row, content }) {
  if (row.recordType === null) return ["Record", "None: it was about no record"];
  const version = content?.record?.version;
  const lines = [labelled(row.recordType, row.recordId ?? "none")];
  if (version !== null && version !== undefined) lines.push(note(`Version ${version} was on the screen`));
  return names.record === null ? ["Record", ...lines] : ["Record", namedToday(names.record), ...lines];
}

/** @param {ReceiptData} data @param {Told} told @returns {Fact} */
function where(data, { row, head }) {
  const size = head ? ` of ${head.size}` : "";
  return ["In the log", `Row ${data.row.index + 1}${size}`, labelled("Action", row.action)];
}

/** @param {string} name */
function namedToday(name) {
  return make("span", "", "“", isolated(name), "” ", note("as the installation calls it today; not proved"));
}

/** @param {string} name @param {(string | HTMLElement)[]} lines */
function fact(name, lines) {
  const values = lines.map((line) => make("dd", "", typeof line === "string" ? visible(line) : line));
  return make("div", "", make("dt", "", name), ...values);
}

/** @param {string} label @param {string} id */
function labelled(label, id) {
  return make("span", "id", `${visible(label)} `, make("code", "", visible(id)));
}

/** @param {string} text */
function note(text) {
  return make("span", "note", text);
}

/** @param {string} iso */
function inUtc(iso) {
  const form = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long", timeZone: "UTC" });
  return Number.isNaN(Date.parse(iso)) ? "unknown" : form.format(new Date(iso));
}

/** SHA-256 of the verifier key's text, as the app shows it. @param {string} vkey */
async function fingerprint(vkey) {
  const hash = await sha256(bytesOf(vkey)).catch(() => null);
  return hash ? (hexOf(hash).match(/.{4}/g) ?? []).join(" ") : "This browser can't compute it.";
}

/** Another's text, whose direction ends with it. @param {string} text */
function isolated(text) {
  return make("bdi", "", visible(text));
}

/** Controls, marks of direction and letters without width by their numbers. @param {string} text */
export function visible(text) {
  return text.replaceAll(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (mark) => {
    return `[U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

/** @param {string} tag @param {string} className @param {...(string | Node)} children */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** @param {string} id */
function show(id) {
  find(id).hidden = false;
}

/** @param {string} id */
function find(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no ${id}`);
  return element;
}
