import fc from "fast-check";

/*
 * Values that nobody's page sends. Each holds a fault for certain, so that no answer to it may be "done".
 */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Text that no field takes: PostgreSQL refuses NUL, UTF-8 has no half characters, and nothing is that long. */
export const brokenText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }).map((text) => `${text}\u0000`),
  fc.string({ maxLength: 20 }).map((text) => `\ud800${text}`),
  fc.string({ maxLength: 20 }).map((text) => `${text}\udfff`),
  fc.constant("x".repeat(70_000)),
);

/** Numbers that no field takes: below every count, fractions, and more than a column holds. */
export const brokenNumber: fc.Arbitrary<number> = fc.constantFrom(
  ...[-1, 0, 0.5, 1.000_000_1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e308, 5e-324],
);

/** Names of members that no schema knows, some of which JavaScript does. */
const strayName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "prototype", "then", "toJSON", "iban", "role", "id", "\u0000"),
  fc.string({ minLength: 12, maxLength: 20 }),
);

const nested = (depth: number): Json => {
  let value: Json = "deep";
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
};

/** Values of any kind, the deepest as deep as a request may be. */
const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1e308, "", [], [null], ["x"], [[]], { a: 1 }),
  fc.constantFrom(5, 20).map(nested),
  fc.constant<Json>(Array.from({ length: 2_000 }, () => 0)),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  brokenText,
);

/** What is wrong: the form, a text that no field takes, a number that a counter could hold, or whose record it is. */
export type Fault = "form" | "text" | "number" | "foreign";

type Wrong = [value: Json, fault: Fault];

/**
 * A right input with one fault: a member of another kind, missing, too much, broken, or another's id.
 * `optional`: members that may be left out. `foreign`: ids of what belongs to others.
 */
export function faulty(right: Json, given: { optional?: string[]; foreign: string[] }): fc.Arbitrary<Wrong> {
  const places = placesOf(right);
  return fc.constantFrom(...places).chain((place) => {
    const value = at(right, place);
    return faultsOf(value, given).map(([wrong, fault]): Wrong => [replaced(right, place, wrong), fault]);
  });
}

type Place = string[];

function placesOf(value: Json, place: Place = []): Place[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [place];
  return [place, ...Object.entries(value).flatMap(([name, part]) => placesOf(part, [...place, name]))];
}

function faultsOf(value: Json, given: { optional?: string[]; foreign: string[] }): fc.Arbitrary<Wrong> {
  const wrongKind = anything.filter((other) => kindOf(other) !== kindOf(value)).map(ofForm);
  if (typeof value === "number")
    return fc.oneof(
      wrongKind,
      brokenNumber.filter((number) => number !== value).map((number): Wrong => [number, "number"]),
    );
  if (typeof value === "string") {
    const broken = brokenText.map((text): Wrong => [text, "text"]);
    const foreign = fc.constantFrom(...given.foreign).map((id): Wrong => [id, "foreign"]);
    return fc.oneof(wrongKind, broken, /^[0-9a-f]{8}-/.test(value) ? foreign : broken);
  }
  if (kindOf(value) !== "object") return wrongKind;
  const members = Object.entries(value as { [name: string]: Json });
  const tooMuch = fc
    .tuple(strayName, anything)
    .filter(([name]) => !members.some(([known]) => known === name))
    .map(([name, stray]) => Object.fromEntries([...members, [name, stray]]))
    .map(ofForm);
  const required = members.filter(([name]) => !given.optional?.includes(name));
  if (required.length === 0) return fc.oneof(wrongKind, tooMuch);
  const tooLittle = fc
    .constantFrom(...required)
    .map(([gone]) => Object.fromEntries(members.filter(([name]) => name !== gone)))
    .map(ofForm);
  return fc.oneof(wrongKind, tooMuch, tooLittle);
}

const ofForm = (value: Json): Wrong => [value, "form"];

function kindOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

function at(value: Json, place: Place): Json {
  return place.reduce<Json>((part, name) => (part as { [name: string]: Json })[name] ?? null, value);
}

function replaced(value: Json, [name, ...rest]: Place, fault: Json): Json {
  if (name === undefined) return fault;
  const members = value as { [name: string]: Json };
  return { ...members, [name]: replaced(members[name] ?? null, rest, fault) };
}
