// @ts-check
import { methodOf } from "./receipt-words";
import { bytesOf, hexOf, sha256 } from "./signed-formats";
import { ofSignedRows, verifyReceipt } from "./verify-receipt";

/**
 * Runs in the receipt's page: fills it from what was verified. Every value goes in as text, never as markup, and marks
 * that would turn or hide letters are shown for what they are.
 *
 * @typedef {import("./receipt-data").ReceiptData} ReceiptData
 * @typedef {import("./receipt-data").Told} Told
 * @typedef {import("./receipt-data").Findings} Findings
 */

/** @type {[title: string, names: readonly import("./receipt-data").CheckName[]][]} */
const groups = [
  ["The log", ["readable", "checkpoint-signature", "row-in-log", "allowed"]],
  ["The words", ["opening-matches", "words-match"]],
  ["The passkey", ofSignedRows],
];

/** Reads the page's data, verifies it, and shows what came out. */
export async function showReceipt() {
  /** @type {ReceiptData | null} */
  const data = readJson(find("receipt-data").textContent ?? "");
  const findings = await verifyReceipt(data);
  showVerdict(findings.verdict);
  find("check-lists").replaceChildren(
    ...groups.flatMap(([title, names]) => checkList(title, names, findings)),
  );
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
  const sign = make("span", "mark", mark);
  sign.setAttribute("aria-hidden", "true");
  const words = make("div", "", make("p", "", visible(sentence)));
  // Whoever makes up a log has a key for it, too.
  const yours =
    "It rests on the log's key. Before you rely on it, compare the key below with the published one.";
  if (kind !== "broken") words.append(make("p", "note", yours));
  banner.replaceChildren(sign, words);
}

/** @param {string} title @param {readonly string[]} names @param {Findings} findings */
function checkList(title, names, { checks }) {
  const items = checks.filter(({ name }) => names.includes(name)).map(checkItem);
  return items.length === 0 ? [] : [make("h3", "", title), make("ul", "checks", ...items)];
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
  const facts = [who(told), how(data, told), when(told), about(data, told)];
  find("facts").replaceChildren(...facts.map(([name, ...lines]) => fact(name, lines)));
  const log = told.head ? visible(told.head.origin) : "unknown";
  find("log-name").textContent = log;
  find("row-log").textContent = log;
  find("row-number").textContent = String(data.row.index + 1);
  find("row-id").textContent = visible(told.row.id);
  find("vkey").textContent = visible(data.vkey);
  find("fingerprint").textContent = await fingerprint(data.vkey);
  find("made-at").textContent = inUtc(data.madeAt);
  find("checkpoint").textContent = visibleLines(data.checkpoint);
  find("leaf").textContent = indented(data.row.leaf);
  find("opening").textContent = data.opening === null ? "Erased on request." : indented(data.opening);
  for (const id of ["reference", "approved", "key", "limits", "sources", "made"]) show(id);
}

/** @param {Told} told */
function showWords(told) {
  const { row, opening, content } = told;
  if (row.isDemo) show("demo");
  find("account").replaceChildren(...accountOf(told));
  if (content) {
    find("purpose").replaceChildren(isolated(content.prompt.purpose));
    find("verb").replaceChildren(isolated(content.prompt.verb));
    show("words");
  }
  const kept = (opening?.changes ?? []).map(({ field, from, to }) => ({ label: field, from, to }));
  if (content?.prompt.changes.length) showChanges("Changes that were confirmed", content.prompt.changes);
  else if (kept.length > 0) showChanges("Changes as the log has them; the prompt did not name them", kept);
}

/** Who did what, as far as it is known. @param {Told} told @returns {(string | HTMLElement)[]} */
function accountOf({ row, opening, content, isSigned }) {
  const action = make("code", "", visible(row.action));
  if (!opening) {
    const did = isSigned ? "Somebody answered a prompt with a passkey." : "Somebody did this.";
    return [
      `${did} Name, email address and words were erased on request; the row still names the action: `,
      action,
    ];
  }
  const name = make("strong", "", isolated(opening.by.name));
  if (isSigned && content) return [name, " answered this prompt with a passkey, which signed its words:"];
  if (isSigned)
    return [name, " answered a prompt with a passkey. Its words were not kept; the action is ", action];
  if (content) return ["The log says that ", name, " did this; the words were not signed:"];
  return ["The log says that ", name, " did this: ", action];
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
  // Shown where the table is a list, on phones, and its heads are not.
  return make(
    "td",
    "",
    make("span", "column", `${column}: `),
    value ? isolated(value) : make("em", "", "nothing"),
  );
}

/** @typedef {[name: string, ...lines: (string | HTMLElement)[]]} Fact */

/** @param {Told} told @returns {Fact} */
function who({ row, opening }) {
  const id = labelled("User id", row.actorId ?? "none");
  if (!opening) return ["By", make("em", "", "erased on request"), id];
  const { name, email } = opening.by;
  return ["By", make("strong", "", isolated(name)), isolated(email), id];
}

/** @param {ReceiptData} data @param {Told} told @returns {Fact} */
function how({ names }, { row, isSigned }) {
  const method = isSigned ? "A passkey, for exactly this" : methodOf(row.factor);
  const today = names.authenticator === null ? [] : [namedToday(names.authenticator)];
  const id = row.authenticatorId === null ? [] : [labelled("Authenticator id", row.authenticatorId)];
  return ["Confirmed with", make("strong", "", method), ...today, ...id];
}

/** @param {Told} told @returns {Fact} */
function when({ row }) {
  const here = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long" }).format(
    new Date(row.at),
  );
  const local = here === inUtc(row.at) ? [] : [`Your time: ${here}`];
  const exact = make("span", "note", "By the installation's clock: ", make("code", "", visible(row.at)));
  return ["When", make("strong", "", inUtc(row.at)), ...local, exact];
}

/** @param {ReceiptData} data @param {Told} told @returns {Fact} */
function about({ names }, { row, content }) {
  if (row.recordType === null) return ["Record", "None: it was about no record"];
  const version = content?.record?.version;
  const lines = [labelled(row.recordType, row.recordId ?? "none")];
  if (version !== null && version !== undefined) lines.push(note(`in its version ${version}`));
  return names.record === null ? ["Record", ...lines] : ["Record", namedToday(names.record), ...lines];
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

/** @param {string} text */
function visibleLines(text) {
  return text.split("\n").map(visible).join("\n");
}

/** @param {string} json */
function indented(json) {
  return visibleLines(JSON.stringify(JSON.parse(json), null, 2));
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
