import { createHash, createHmac } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { deriveKey, type KeyRing } from "@/lib/platform/key-ring";
import type { RecordRef } from "./command";
import type { Prompt } from "./prompt";

/** What a proof is for: one purpose never answers another (threats.md 4). */
export type Purpose = "step-up";

export type Digested = {
  purpose: Purpose;
  action: string;
  userId: string;
  sessionId: string;
  record: RecordRef | null;
  input: unknown;
  prompt: Prompt;
};

/**
 * SHA-256 (hex) over the RFC 8785 form of what is confirmed: nothing in it can be read in two ways.
 * Throws when a value has no single JSON form (NaN, −0, fractions, Date, Map, …): see `assertOneReading`.
 */
export function digestOf(subject: Digested): string {
  return digestOfContent(contentOf(subject));
}

/** The text that a digest is over: what an outsider needs to see what was confirmed. Throws like `digestOf`. */
export function contentOf(subject: Digested): string {
  const content = { format: "keyturn-digest-v1", ...subject };
  assertOneReading(content);
  return canonicalize(content) ?? "";
}

export function digestOfContent(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * The input as digests take it: each secret member as HMAC-SHA256 under a key that the database does not hold, so that
 * a kept digest is no way to try passwords (ASVS v5.0.0-11.4.2).
 */
export function concealSecrets<Input>(
  ring: KeyRing,
  input: Input,
  secretMembers: readonly (keyof Input & string)[],
): unknown {
  if (secretMembers.length === 0) return input;
  const [current] = ring;
  if (!current) throw new Error("The key ring is empty");
  const key = deriveKey(current.key, "secret input");
  const shown = { ...(input as Record<string, unknown>) };
  for (const member of secretMembers) {
    const value = shown[member];
    if (typeof value === "string")
      shown[member] = { hmac: createHmac("sha256", key).update(value).digest("hex") };
  }
  return shown;
}

/** Whether a value can be digested at all. Schemas bound types and lengths, not what text is made of. */
export function hasOneReading(value: unknown): boolean {
  try {
    assertOneReading(value);
    return true;
  } catch {
    return false;
  }
}

/** Refuses every value of which RFC 8785 and JavaScript could keep different ideas. */
export function assertOneReading(value: unknown, path = "$"): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") {
    // A lone surrogate has no UTF-8 form: two texts would share a digest.
    if (value.isWellFormed()) return;
    throw new TypeError(`${path}: the text is not well formed`);
  }
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return;
    throw new TypeError(`${path}: only whole safe numbers can be confirmed, money goes as text`);
  }
  if (Array.isArray(value)) {
    // entries() also meets the gaps of a sparse list, which forEach skips.
    for (const [index, item] of value.entries()) assertOneReading(item, `${path}[${index}]`);
    return;
  }
  if (typeof value === "object" && isPlain(value)) {
    for (const [key, member] of Object.entries(value)) assertOneReading(member, `${path}.${key}`);
    return;
  }
  throw new TypeError(`${path}: a value of this kind cannot be confirmed`);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
  );
}

/**
 * Refuses, when a command is defined, an input schema that lets unknown members through or whose type has no
 * one JSON form (threats.md 7a, 7b).
 */
export function assertStrictSchema(name: string, schema: z.ZodType): void {
  const json = z.toJSONSchema(schema, {
    io: "input",
    override: ({ zodSchema }) => {
      if (!shapeless.has(zodSchema._zod.def.type)) return;
      throw new TypeError(`${name}: every member of the input needs a type that says what it holds`);
    },
  });
  visit(json, (node) => {
    if (node.type === "object" && node.additionalProperties !== false) {
      throw new TypeError(`${name}: every object of the input must be strict`);
    }
    if (node.type === "number") throw new TypeError(`${name}: numbers must be whole, money goes as text`);
  });
}

const shapeless = new Set(["any", "unknown", "file"]);

type JsonSchema = { type?: string; additionalProperties?: unknown } & Record<string, unknown>;

function visit(node: unknown, check: (node: JsonSchema) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, check);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  check(node as JsonSchema);
  for (const member of Object.values(node)) visit(member, check);
}
