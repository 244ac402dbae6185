import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideAttempt, delaySeconds, freeTries, hardLimit, strangersLimit, type Tries } from "./attempts";

const now = new Date("2026-03-02T09:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

function tries(state: Partial<Tries> = {}): Tries {
  const failures = state.failures ?? 0;
  return {
    failures,
    total: failures,
    lastFailedAt: failures > 0 ? ago(0) : null,
    knownDevice: true,
    now,
    ...state,
  };
}

describe("delaySeconds", () => {
  it.each([
    [0, 0],
    [9, 0],
    [10, 30],
    [11, 60],
    [12, 120],
    [13, 240],
    [16, 1920],
    [17, 3600],
    [99, 3600],
    [1_000_000, 3600],
  ])("after %i failures is %i s", (failures, seconds) => {
    expect(delaySeconds(failures)).toBe(seconds);
  });

  it("never shrinks as failures grow, and never exceeds an hour", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(100), (failures, more) => {
        expect(delaySeconds(failures + more)).toBeGreaterThanOrEqual(delaySeconds(failures));
        expect(delaySeconds(failures)).toBeLessThanOrEqual(3600);
      }),
    );
  });
});

describe("decideAttempt", () => {
  it("lets ten guesses through at once, and says how many are left", () => {
    for (let failures = 0; failures < freeTries; failures++) {
      expect(decideAttempt(tries({ failures }))).toEqual({ allowed: true, left: 9 - failures });
    }
    expect(decideAttempt(tries({ failures: 10 }))).toEqual({ allowed: false, retryAfterSeconds: 30 });
  });

  it.each([
    ["half of the wait", 15, { allowed: false, retryAfterSeconds: 15 }],
    ["a part of a second", 29.2, { allowed: false, retryAfterSeconds: 1 }],
    ["the whole wait", 30, { allowed: true, left: 0 }],
    ["a day", 86_400, { allowed: true, left: 0 }],
  ])("after the tenth failure and %s", (_, seconds, decision) => {
    expect(decideAttempt(tries({ failures: 10, lastFailedAt: ago(seconds) }))).toEqual(decision);
  });

  it("turns codes off at a hundred, however long ago the last failure was", () => {
    const long = { lastFailedAt: ago(1e9) };
    expect(decideAttempt(tries({ failures: 99, ...long })).allowed).toBe(true);
    expect(decideAttempt(tries({ failures: 100, ...long }))).toEqual({
      allowed: false,
      retryAfterSeconds: null,
    });
    expect(hardLimit).toBe(100);
  });

  it("keeps a reserve for devices that the owner had used, so that a stranger can't lock the owner out", () => {
    const used = { failures: 0, total: strangersLimit, lastFailedAt: ago(0) };
    expect(decideAttempt(tries({ ...used, knownDevice: false }))).toEqual({
      allowed: false,
      retryAfterSeconds: null,
    });
    expect(decideAttempt(tries({ ...used, knownDevice: true }))).toMatchObject({ allowed: true });
    expect(hardLimit - strangersLimit).toBeGreaterThanOrEqual(freeTries);
  });

  it("counts everybody's failures for the hundred, also those that don't slow this device", () => {
    expect(decideAttempt(tries({ failures: 0, total: 100 }))).toEqual({
      allowed: false,
      retryAfterSeconds: null,
    });
  });

  it("does not end a wait when the clock goes back", () => {
    const back = decideAttempt(tries({ failures: 12, lastFailedAt: ago(-3600) }));
    expect(back).toEqual({ allowed: false, retryAfterSeconds: 120 });
  });

  const anyTries = fc
    .record({
      failures: fc.nat(120),
      others: fc.nat(120),
      since: fc.oneof(fc.constant(null), fc.integer({ min: -10_000, max: 10_000 })),
      knownDevice: fc.boolean(),
    })
    .map(({ failures, others, since, knownDevice }): Tries => {
      return {
        failures,
        total: failures + others,
        lastFailedAt: since === null ? null : ago(since),
        knownDevice,
        now,
      };
    });

  it("is never kinder after one failure more", () => {
    fc.assert(
      fc.property(anyTries, (given) => {
        const more = { ...given, failures: given.failures + 1, total: given.total + 1 };
        const [before, after] = [decideAttempt(given), decideAttempt(more)];
        if (!before.allowed) expect(after.allowed).toBe(false);
        if (before.allowed && after.allowed) expect(after.left).toBeLessThanOrEqual(before.left);
      }),
    );
  });

  it("is never kinder to a stranger's device than to the owner's", () => {
    fc.assert(
      fc.property(anyTries, (given) => {
        if (decideAttempt({ ...given, knownDevice: false }).allowed) {
          expect(decideAttempt({ ...given, knownDevice: true }).allowed).toBe(true);
        }
      }),
    );
  });

  it("never makes anybody wait longer than an hour, nor less than a second", () => {
    fc.assert(
      fc.property(anyTries, (given) => {
        const decision = decideAttempt(given);
        if (decision.allowed || decision.retryAfterSeconds === null) return;
        expect(decision.retryAfterSeconds).toBeLessThanOrEqual(3600);
        expect(decision.retryAfterSeconds).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it("ends a wait by time going on, and by nothing else", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: freeTries, max: strangersLimit - 1 }),
        fc.integer({ min: -5000, max: 5000 }),
        (failures, since) => {
          const { allowed } = decideAttempt(tries({ failures, lastFailedAt: ago(since) }));
          expect(allowed).toBe(since >= delaySeconds(failures));
        },
      ),
    );
  });
});
