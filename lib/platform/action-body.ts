import type { IncomingMessage } from "node:http";

/*
 * React's decoder answers 500 to a server action's body that it cannot read. Our client sends plain arguments, so
 * everything else (files, maps, references to other parts) is refused here. Whether the arguments are right is for the action's strict schema to say.
 */

const maxDepth = 32;
/** A byte order mark stays in the text, where it is no JSON: React reads the body with it, too. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const formTypeName = "application/x-www-form-urlencoded";
const formType = new RegExp(`^${formTypeName}(;\\s*charset=utf-8)?$`, "i");

/** The status to refuse a POST with, or undefined when Next may have it. */
export function actionFault(
  request: IncomingMessage,
  body: Buffer,
  development: boolean,
): number | undefined {
  if (request.method !== "POST") return undefined;
  const { url = "/", headers } = request;
  const action = headers["next-action"];
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (action === undefined) {
    if (development && /^\/(__nextjs|_next\/)/.test(url)) return undefined;
    // next-auth reads whatever names JSON as JSON, and answers 500 where it is none. Our client sends a form.
    if (/^\/api\//.test(url)) return formType.test(headers["content-type"] ?? formTypeName) ? undefined : 415;
    // Next would run the action that a form field `$ACTION_ID_…` names; no form of ours works without script.
    return 405;
  }
  if (!/^[0-9a-f]{16,128}$/.test(`${action}`)) return 400;
  // React sends files, maps and the like as multipart; no action takes any.
  if (type !== "text/plain") return 415;
  return isPlainArguments(body) ? undefined : 400;
}

function isPlainArguments(body: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(utf8.decode(body));
    return Array.isArray(parsed) && isPlain(parsed, 0);
  } catch {
    return false;
  }
}

/**
 * `$…` refers to other parts of the body, and there are none; `$$…` is text that begins with a dollar sign. A member
 * `__proto__` is one thing to JSON and another to who copies it: React and zod drop it without a word.
 */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "string") return !value.startsWith("$") || /^\$(\$|undefined$|D\d{4}-)/.test(value);
  if (typeof value !== "object" || value === null) return true;
  if (Object.hasOwn(value, "__proto__")) return false;
  return depth < maxDepth && Object.values(value).every((part) => isPlain(part, depth + 1));
}
