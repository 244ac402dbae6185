import { describe, expect, it } from "vitest";
import type { AuthenticatorFact } from "@/lib/step-up/facts";
import { policyDocument } from "./document";
import { type PastDecision, Replay } from "./replay";

const nine = new Date("2026-03-02T09:00:00Z");
const minutes = (count: number) => new Date(nine.getTime() + count * 60_000);

const app: AuthenticatorFact = {
  id: "app",
  factor: "totp",
  name: "Phone",
  createdAt: new Date("2026-01-01T00:00:00Z"),
  probationUntil: null,
  suspendedAt: null,
  removedAt: null,
};

function decision(at: number, rest: Partial<PastDecision> = {}): PastDecision {
  return {
    action: "contract.view",
    personId: "theo",
    role: "employee",
    sessionId: "session",
    at: minutes(at),
    factor: "totp",
    cancelled: false,
    ...rest,
  };
}

function replayed(policy: object, decisions: PastDecision[], theirs: AuthenticatorFact[] = [app]) {
  const replay = new Replay(policyDocument.parse(policy), new Map([["theo", theirs]]));
  for (const one of decisions) replay.follow(one);
  return Object.fromEntries(
    [...replay.costs].map(([name, { prompts, stopped }]) => [name, { prompts, stopped: stopped.size }]),
  );
}

describe("replay", () => {
  const day = [decision(0), decision(5), decision(14), decision(30)];

  it("asks again when the proof is too old, as it was", () => {
    expect(replayed({}, day)).toEqual({ "contract.view": { prompts: 2, stopped: 0 } });
  });

  it("asks more often under a shorter age", () => {
    const policy = { actions: { "contract.view": { maxAgeSeconds: 120 } } };
    expect(replayed(policy, day)).toEqual({ "contract.view": { prompts: 4, stopped: 0 } });
  });

  it("stops who has none of the factors that it accepts, once each", () => {
    const policy = { actions: { "contract.view": { factors: ["passkey"] } } };
    expect(replayed(policy, day)).toEqual({ "contract.view": { prompts: 0, stopped: 1 } });
  });

  it("stops a role that it leaves out, and no other", () => {
    const policy = { actions: { "contract.view": { roles: ["manager"] } } };
    expect(replayed(policy, day)["contract.view"]).toEqual({ prompts: 0, stopped: 1 });
    const maya = day.map((one) => ({ ...one, role: "manager" as const }));
    expect(replayed(policy, maya)["contract.view"]).toEqual({ prompts: 2, stopped: 0 });
  });

  it("a proof for one action counts for the next in the same session, and not in another", () => {
    const edit = { action: "customer.edit" as const };
    expect(
      replayed({}, [decision(0), decision(1, edit), decision(2, { ...edit, sessionId: "other" })]),
    ).toEqual({
      "contract.view": { prompts: 1, stopped: 0 },
      "customer.edit": { prompts: 1, stopped: 0 },
    });
  });

  it("what is bound to its input is asked for each time, and unlocks what follows", () => {
    const bank = { action: "customer.change-bank-details" as const };
    expect(replayed({}, [decision(0, bank), decision(1, bank), decision(2)])).toEqual({
      "customer.change-bank-details": { prompts: 2, stopped: 0 },
      "contract.view": { prompts: 0, stopped: 0 },
    });
  });

  it("counts a prompt that was cancelled, and unlocks nothing by it", () => {
    const gaveUp = decision(0, { factor: null, cancelled: true });
    expect(replayed({}, [gaveUp, decision(1), decision(2)])).toEqual({
      "contract.view": { prompts: 2, stopped: 0 },
    });
  });

  it("locking ends what was proved", () => {
    const lock = decision(1, { action: "session.lock" });
    expect(replayed({}, [decision(0), lock, decision(2)])).toEqual({
      "contract.view": { prompts: 2, stopped: 0 },
    });
  });

  it("counts an authenticator only while it was there", () => {
    const later = { ...app, createdAt: minutes(3) };
    const gone = { ...app, removedAt: minutes(3) };
    const without = (at: number) => decision(at, { factor: null });
    expect(replayed({}, [without(0), without(5)], [later])["contract.view"]).toEqual({
      prompts: 1,
      stopped: 1,
    });
    expect(replayed({}, [without(0), without(20)], [gone])["contract.view"]).toEqual({
      prompts: 1,
      stopped: 1,
    });
  });

  it("takes who confirmed with a factor for somebody who had it, where nothing is known of them", () => {
    expect(replayed({}, day, [])).toEqual({ "contract.view": { prompts: 2, stopped: 0 } });
  });

  it("takes a day for a session in history that names none", () => {
    const history = day.map((one) => ({ ...one, sessionId: null }));
    expect(replayed({}, history)).toEqual({ "contract.view": { prompts: 2, stopped: 0 } });
  });

  it("counts what is void no more, and an emailed code that was used", () => {
    const sms = { ...app, id: "sms", factor: "sms-code" as const, voidSince: minutes(3) };
    const on = { factors: { "sms-code": true, "email-code": true } };
    const by = (at: number, factor: PastDecision["factor"]) => decision(at, { factor });
    expect(replayed(on, [by(0, null), by(20, null)], [sms])["contract.view"]).toEqual({
      prompts: 1,
      stopped: 1,
    });
    expect(replayed(on, [by(0, "email-code")], [])["contract.view"]).toEqual({ prompts: 1, stopped: 0 });
  });

  it("lets who replaced an authenticator by a recovery code do so", () => {
    const replaces = decision(0, { action: "security.enrol-factor", factor: "recovery-code" });
    const gone = { ...app, removedAt: minutes(-1) };
    expect(replayed({}, [replaces], [gone])["security.enrol-factor"]).toEqual({ prompts: 1, stopped: 0 });
  });

  describe("a sign-in", () => {
    const usual = { refused: 0, deviceHash: "desk", trusted: false };
    const signsIn = (at: number, signIn = {}) =>
      decision(at, { action: "session.sign-in", factor: null, signIn: { ...usual, ...signIn } });
    const asked = (policy: object, past: PastDecision[], theirs?: AuthenticatorFact[]) =>
      replayed(policy, past, theirs)["session.finish-sign-in"] ?? { prompts: 0, stopped: 0 };

    const risky = { signIn: "when-risky" };
    const days = (count: number) => count * 24 * 60;

    it("asks for nothing as installed, and each time where that is said", () => {
      const twice = [signsIn(0), signsIn(60)];
      expect(asked({}, twice)).toEqual({ prompts: 0, stopped: 0 });
      expect(asked(risky, twice)).toEqual({ prompts: 1, stopped: 0 });
      expect(asked({ signIn: "always" }, twice)).toEqual({ prompts: 2, stopped: 0 });
      expect(asked({ signIn: "always" }, [signsIn(0, { trusted: true })])).toEqual({
        prompts: 0,
        stopped: 0,
      });
    });

    it("knows a device for 30 days after its person proved an app there, and no other", () => {
      expect(asked(risky, [signsIn(0), signsIn(days(29)), signsIn(days(31))])).toMatchObject({ prompts: 2 });
      expect(asked(risky, [signsIn(0), signsIn(1, { deviceHash: "phone" })])).toMatchObject({ prompts: 2 });
      const forgotten = { deviceHash: null };
      expect(asked(risky, [signsIn(0, forgotten), signsIn(1, forgotten)])).toMatchObject({ prompts: 2 });
    });

    it("knows it by a proof at work, and not by reading alone, a cancelled prompt or codes that are sent", () => {
      const during = (work: Partial<PastDecision>, theirs?: AuthenticatorFact[]) =>
        asked(
          { ...risky, factors: { "email-code": true } },
          [signsIn(0, { trusted: true }), decision(1, work), signsIn(60)],
          theirs,
        );
      expect(during({})).toMatchObject({ prompts: 0 });
      expect(during({ action: "session.lock" })).toMatchObject({ prompts: 1 });
      expect(during({ cancelled: true })).toMatchObject({ prompts: 1 });
      const mail = { ...app, id: "mail", factor: "email-code" as const };
      expect(during({ factor: "email-code" }, [mail])).toMatchObject({ prompts: 1 });
    });

    it("is unusual after wrong passwords of one day, which any sign-in ends", () => {
      const wrong = (at: number, refused: number) => signsIn(at, { refused });
      // The first one makes the device known.
      const prompts = (...past: PastDecision[]) => asked(risky, [signsIn(0), ...past]).prompts - 1;
      expect(prompts(wrong(60, 3), signsIn(61), signsIn(62))).toBe(1);
      expect(prompts(wrong(60, 3), signsIn(60 + days(1)))).toBe(0);
      expect(prompts(wrong(60, 2), signsIn(61), wrong(62, 1), signsIn(63))).toBe(0);
    });

    it("stops who has nothing that it accepts, asks who never had any to set one up, and unlocks what follows", () => {
      const policy = { signIn: "always", actions: { "session.finish-sign-in": { factors: ["passkey"] } } };
      expect(asked(policy, [signsIn(0)])).toEqual({ prompts: 0, stopped: 1 });
      expect(asked(policy, [signsIn(0)], [])).toEqual({ prompts: 1, stopped: 0 });
      expect(replayed({ signIn: "always" }, [signsIn(0), decision(1)])["contract.view"]).toEqual({
        prompts: 0,
        stopped: 0,
      });
    });

    it("is counted once, whether or not it was confirmed then", () => {
      const confirmed = decision(1, { action: "session.finish-sign-in" });
      expect(asked({ signIn: "always" }, [signsIn(0), confirmed])).toEqual({ prompts: 1, stopped: 0 });
      expect(asked({}, [signsIn(0), confirmed])).toEqual({ prompts: 0, stopped: 0 });
    });
  });
});
