import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { assertOneReading, assertStrictSchema, type Digested, digestOf } from "./digest";

const subject: Digested = {
  purpose: "step-up",
  action: "customer.change-bank-details",
  userId: "u1",
  sessionId: "s1",
  record: { type: "customer", id: "c1", version: 7 },
  input: { holder: "Acme GmbH", iban: "DE02120300000000202051", tags: ["a", "b"], active: true, note: null },
  prompt: {
    purpose: "to change Acme's bank details",
    verb: "Save",
    changes: [{ label: "IBAN", from: "…51", to: "…89" }],
  },
};

describe("digestOf", () => {
  it("is SHA-256 over RFC 8785 JSON, spelt out", () => {
    const minimal: Digested = {
      ...subject,
      record: null,
      input: { b: 1, a: "é" },
      prompt: { purpose: "p", verb: "v", changes: [] },
    };
    const json =
      '{"action":"customer.change-bank-details","format":"keyturn-digest-v1","input":{"a":"é","b":1},' +
      '"prompt":{"changes":[],"purpose":"p","verb":"v"},"purpose":"step-up","record":null,"sessionId":"s1","userId":"u1"}';
    expect(digestOf(minimal)).toBe(createHash("sha256").update(json, "utf8").digest("hex"));
  });

  it.each<[string, Partial<Digested>]>([
    ["action", { action: "customer.edit" }],
    ["user", { userId: "u2" }],
    ["session", { sessionId: "s2" }],
    ["record's type", { record: { type: "contract", id: "c1", version: 7 } }],
    ["record", { record: { type: "customer", id: "c2", version: 7 } }],
    ["record's version", { record: { type: "customer", id: "c1", version: 8 } }],
    ["record's lack of a version", { record: { type: "customer", id: "c1", version: null } }],
    ["lack of a record", { record: null }],
    ["input", { input: { ...(subject.input as object), iban: "DE89370400440532013000" } }],
    ["input's order in a list", { input: { ...(subject.input as object), tags: ["b", "a"] } }],
    ["input's kind of value", { input: { ...(subject.input as object), active: "true" } }],
    ["input's members", { input: { ...(subject.input as object), more: "" } }],
    ["prompt's purpose", { prompt: { ...subject.prompt, purpose: "to change Bolt's bank details" } }],
    ["prompt's verb", { prompt: { ...subject.prompt, verb: "Edit" } }],
    [
      "prompt's old value",
      { prompt: { ...subject.prompt, changes: [{ label: "IBAN", from: "…52", to: "…89" }] } },
    ],
    [
      "prompt's new value",
      { prompt: { ...subject.prompt, changes: [{ label: "IBAN", from: "…51", to: "…88" }] } },
    ],
    ["prompt's changes", { prompt: { ...subject.prompt, changes: [] } }],
    ["purpose", { purpose: "sign-in" as Digested["purpose"] }],
  ])("is another with another %s", (_, change) => {
    expect(digestOf({ ...subject, ...change })).not.toBe(digestOf(subject));
  });

  const text = fc.string({ unit: "grapheme" });
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.maxSafeInteger().map((n) => n + 0),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(text, tie("any"), { maxKeys: 4 }),
    ),
  })).any;

  /** The same value, its members put in from last to first. */
  function reversed(one: unknown): unknown {
    if (Array.isArray(one)) return one.map(reversed);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(
      Object.entries(one)
        .reverse()
        .map(([key, member]) => [key, reversed(member)]),
    );
  }

  it("does not depend on the order in which members were written", () => {
    fc.assert(
      fc.property(value, (input) => {
        const turned = reversed({ ...subject, input }) as Digested;
        expect(digestOf(turned)).toBe(digestOf({ ...subject, input }));
      }),
    );
  });

  it("differs for any two inputs that differ", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const same = JSON.stringify(reversed(sorted(a))) === JSON.stringify(reversed(sorted(b)));
        expect(digestOf({ ...subject, input: a }) === digestOf({ ...subject, input: b })).toBe(same);
      }),
    );
  });

  function sorted(one: unknown): unknown {
    if (Array.isArray(one)) return one.map(sorted);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(
      Object.entries(one)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => [key, sorted(member)]),
    );
  }

  it("cannot be shifted from one member into the next", () => {
    expect(digestOf({ ...subject, userId: "u1s1", sessionId: "" })).not.toBe(
      digestOf({ ...subject, userId: "u1", sessionId: "s1" }),
    );
    expect(digestOf({ ...subject, userId: 'u1","x":"' })).not.toBe(digestOf(subject));
  });
});

class Money {
  constructor(readonly cents: number) {}
}

const twoReadings: [string, unknown][] = [
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["−Infinity", Number.NEGATIVE_INFINITY],
  ["−0", -0],
  ["a fraction", 0.1],
  ["a whole number beyond 2^53", 2 ** 53],
  ["a bigint", 1n],
  ["undefined", undefined],
  ["a symbol", Symbol("s")],
  ["a function", () => 1],
  ["a Date", new Date(0)],
  ["a Map", new Map([["a", 1]])],
  ["a Set", new Set([1])],
  ["a FormData", new FormData()],
  ["a File", new File(["bytes"], "iban.txt")],
  ["a Blob", new Blob(["bytes"])],
  ["bytes", new Uint8Array([1])],
  ["a Buffer", Buffer.from("bytes")],
  ["a regular expression", /a/],
  ["a URL", new URL("https://keyturn.example")],
  ["a promise", Promise.resolve(1)],
  ["an instance of a class", new Money(1)],
  ["an object of another making", Object.create({ inherited: 1 })],
  ["a boxed number", Object(1)],
  ["an object with a symbol key", { [Symbol("hidden")]: 1 }],
  ["a lone high surrogate", "\ud83d"],
  ["a lone low surrogate", "a\ude00b"],
];

describe("what has two readings", () => {
  it.each(twoReadings)("%s is refused, wherever it stands", (_, value) => {
    expect(() => assertOneReading(value)).toThrow(TypeError);
    expect(() => digestOf({ ...subject, input: value })).toThrow(TypeError);
    expect(() => digestOf({ ...subject, input: { deep: [{ er: value }] } })).toThrow(TypeError);
  });

  it("is refused in the words of the prompt, too", () => {
    expect(() => digestOf({ ...subject, prompt: { ...subject.prompt, verb: "Save \ud83d" } })).toThrow(
      TypeError,
    );
  });

  it("is named by its path", () => {
    expect(() => digestOf({ ...subject, input: { rows: [{ amount: 0.5 }] } })).toThrow(
      "$.input.rows[0].amount",
    );
  });

  it("hides in no member's name", () => {
    expect(() => digestOf({ ...subject, input: { "\ud83d": 1 } })).toThrow();
  });

  it("hides in no gap of a list", () => {
    // biome-ignore lint/suspicious/noSparseArray: the gap is what is tried
    expect(() => digestOf({ ...subject, input: [1, , 2] })).toThrow(TypeError);
  });

  it("is not made by toJSON", () => {
    expect(() => digestOf({ ...subject, input: { iban: "a", toJSON: () => ({ iban: "b" }) } })).toThrow(
      TypeError,
    );
  });
});

describe("assertStrictSchema", () => {
  const refused: [string, z.ZodType][] = [
    ["an object that drops unknown members", z.object({ id: z.uuid() })],
    ["an object that lets unknown members through", z.looseObject({ id: z.uuid() })],
    ["an object with a catch-all", z.object({ id: z.uuid() }).catchall(z.string())],
    ["a loose object deep inside", z.strictObject({ rows: z.array(z.object({ id: z.uuid() })) })],
    ["a loose object in a choice", z.union([z.strictObject({ a: z.string() }), z.object({ b: z.string() })])],
    ["a loose object that may be missing", z.strictObject({ a: z.object({ b: z.string() }).optional() })],
    ["a record of any names", z.strictObject({ all: z.record(z.string(), z.string()) })],
    ["a fraction", z.strictObject({ amount: z.number() })],
    ["a Date", z.strictObject({ at: z.date() })],
    ["a Map", z.strictObject({ all: z.map(z.string(), z.string()) })],
    ["a Set", z.strictObject({ all: z.set(z.string()) })],
    ["a bigint", z.strictObject({ amount: z.bigint() })],
    ["a File", z.strictObject({ file: z.file() })],
    ["anything", z.strictObject({ what: z.any() })],
    [
      "anything that may be missing",
      z.strictObject({ rows: z.array(z.strictObject({ what: z.any().optional() })) }),
    ],
    ["the unknown", z.strictObject({ what: z.unknown() })],
    ["anything at all", z.unknown()],
    ["a value of a class", z.strictObject({ money: z.instanceof(Money) })],
    ["a value that a function vouches for", z.strictObject({ what: z.custom<string>(() => true) })],
    ["undefined alone", z.strictObject({ what: z.undefined() })],
    ["a symbol", z.strictObject({ what: z.symbol() })],
    ["NaN", z.strictObject({ what: z.nan() })],
  ];
  it.each(refused)("refuses %s when the command is defined", (_, schema) => {
    expect(() => assertStrictSchema("customer.edit", schema)).toThrow();
  });

  it("says which command is meant", () => {
    expect(() => assertStrictSchema("customer.edit", z.object({}))).toThrow(/^customer\.edit: /);
  });

  it("lets through what has one JSON form", () => {
    const schema = z.strictObject({
      id: z.uuid(),
      version: z.int().min(1),
      name: z.string().trim().max(200),
      status: z.enum(["active", "archived"]),
      kind: z.literal("bank"),
      flag: z.boolean(),
      note: z.string().nullable(),
      maybe: z.string().optional(),
      rows: z.array(z.strictObject({ a: z.string() })),
      choice: z.discriminatedUnion("by", [
        z.strictObject({ by: z.literal("name"), name: z.string() }),
        z.strictObject({ by: z.literal("id"), id: z.uuid() }),
      ]),
    });
    expect(() => assertStrictSchema("customer.edit", schema)).not.toThrow();
  });

  it("lets through an object that has a member called type", () => {
    expect(() =>
      assertStrictSchema("x", z.strictObject({ type: z.enum(["number", "object"]) })),
    ).not.toThrow();
    expect(() =>
      assertStrictSchema("x", z.strictObject({ type: z.literal("number"), of: z.literal("object") })),
    ).not.toThrow();
  });
});
