import { createHash } from "node:crypto";

/** Numbers that look random and are the same at every run. */
export type Random = {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Picks by weight: `[["a", 3], ["b", 1]]` gives a three times of four. */
  weighted<T>(list: readonly (readonly [T, number])[]): T;
  shuffled<T>(list: readonly T[]): T[];
  /** `#` becomes a digit, `@` a letter that postal codes use. */
  fill(pattern: string): string;
};

const letters = "ABDEGHJLNPRTWXZ";

/** mulberry32, seeded by a text and a number: each record has its own sequence, whatever comes before it. */
export function randomOf(purpose: string, index = 0): Random {
  let state = hash(`${purpose}:${index}`);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(list: readonly T[]) => at(list, whole(0, list.length - 1));
  return {
    next,
    whole,
    pick,
    chance: (probability) => next() < probability,
    weighted: (list) => byWeight(list, next()),
    shuffled: (list) => shuffle(list, whole),
    fill: (pattern) =>
      pattern.replace(/[#@]/g, (sign) => (sign === "#" ? String(whole(0, 9)) : pick([...letters]))),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

function at<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length) throw new RangeError("picked from an empty list");
  return list[index] as T;
}

function byWeight<T>(list: readonly (readonly [T, number])[], place: number): T {
  let rest = place * list.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of list) {
    rest -= weight;
    if (rest < 0) return item;
  }
  return at(list, list.length - 1)[0];
}

function shuffle<T>(list: readonly T[], whole: Random["whole"]): T[] {
  const rest = [...list];
  const out: T[] = [];
  while (rest.length > 0) out.push(...rest.splice(whole(0, rest.length - 1), 1));
  return out;
}

/** The same id for the same name at every run, of version 4 by its form. 32 bits of state would repeat ids. */
export function idOf(kind: string, ...place: (string | number)[]): string {
  const hex = createHash("sha256")
    .update(`keyturn ${kind} ${place.join("/")}`)
    .digest("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
