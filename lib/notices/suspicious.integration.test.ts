import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import { beginEdit } from "@/lib/customers/begin-edit";
import { openLink } from "@/lib/links/links";
import { openEnrolment } from "@/lib/security/enrol";
import { notMe } from "@/lib/security/not-me/not-me";
import { completeReset } from "@/lib/security/reset/complete-reset";
import { signIn } from "@/lib/session/sign-in";
import { challengeOf, password, type Someone, World } from "@/lib/testing/pipeline";
import { warningOf } from "./suspicious";

const decided = { outcome: "refused", factor: "totp", detail: {} } as const;

describe("a decision that its person hears of", () => {
  it.each([
    ["too-many-tries", { ...decided, detail: { reason: "too-many-tries" } }],
    ["passkey-copied", { ...decided, factor: "passkey", detail: { reason: "counter-went-back" } }],
    ["recovery-code-used", { outcome: "allowed", factor: "recovery-code", detail: {} }],
    ["recovery-code-used", { outcome: "failed", factor: "recovery-code", detail: { reference: "x" } }],
    ["recovery-code-used", { ...decided, factor: "recovery-code", detail: { reason: "invalid" } }],
  ] as const)("%s", (kind, entry) => {
    expect(warningOf(entry)?.kind).toBe(kind);
  });

  it.each([
    { ...decided, detail: { reason: "wrong" } },
    { ...decided, factor: "recovery-code", detail: { reason: "wrong" } },
    { ...decided, factor: "recovery-code", detail: { reason: "used" } },
    { outcome: "allowed", factor: "totp", detail: {} },
    { outcome: "cancelled", factor: null, detail: {} },
  ] as const)("is no everyday one: %j", (entry) => {
    expect(warningOf(entry)).toBeNull();
  });
});

describe.each(testDatabases.map(({ name }) => name))("suspicious attempts on %s (threat 21)", (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(kind);
  });
  afterAll(() => world.close());

  const kindsOf = async ({ email }: { email: string }) =>
    (await world.mailsTo(email)).map((mail) => mail.kind);

  const hashOf = (device: string) => createHash("sha256").update(device).digest("hex");

  async function signsInWith(email: string, chosen: string, device: string = randomUUID()) {
    const attempt = {
      email,
      password: chosen,
      deviceHash: hashOf(device),
      userAgent: "",
      address: "192.0.2.9",
    };
    return (await signIn(world.database, true, attempt)).outcome;
  }

  async function hourPasses(someone: Someone) {
    await world.rows(sql`update outbox set created_at = created_at - interval '61 minutes'
      where person_id = ${someone.id}`);
  }

  it("a new device is told, not the first one, nor one that was seen", async () => {
    const theo = await world.employee();
    await signsInWith(theo.email, password, "desk");
    await signsInWith(theo.email, password, "desk");
    expect(await kindsOf(theo)).toEqual([]);
    await signsInWith(theo.email, password, "café");
    expect(await kindsOf(theo)).toEqual(["signed-in"]);
    const [mail] = await world.mailsTo(theo.email);
    expect(mail?.body).toContain("192.0.2.9");
    expect(mail?.links).toHaveLength(1);
    await hourPasses(theo);
    await signsInWith(theo.email, password, "café");
    expect(await kindsOf(theo)).toHaveLength(1);
  });

  it.each(["reset", "not-me"] as const)("after %s a device that was known is news again", async (how) => {
    const theo = await world.employee({ totp: true });
    const acme = await world.customer();
    const thief = await theo.signsIn({ device: "thief" });
    await thief.stepsUp(beginEdit, { customerId: acme.id });
    await signsInWith(theo.email, password, "thief");
    expect(await kindsOf(theo)).toEqual([]);
    const next = "seven bridges over the Pregel";
    const link = { personId: theo.id, lifetimeMinutes: 15 };
    const opens = async (purpose: "reset-password" | "not-me", data = {}) => {
      const { url } = await world.database.transaction((tx) => openLink(tx, { ...link, purpose, data }));
      return url.split("#")[1] ?? "";
    };
    if (how === "reset")
      await world.visits(completeReset, { token: await opens("reset-password"), password: next });
    else {
      await world.visits(notMe, { token: await opens("not-me", { did: "signed-in" }) });
      await world.rows(sql`update people set password_locked_at = null where id = ${theo.id}`);
    }
    await signsInWith(theo.email, how === "reset" ? next : password, "thief");
    expect(await kindsOf(theo)).toContain("signed-in");
    expect(await world.count(sql`device_factors where user_id = ${theo.id}`)).toBe(0);
  });

  it("five new devices an hour are told, however many at once", async () => {
    const theo = await world.employee();
    await signsInWith(theo.email, password);
    await Promise.all(Array.from({ length: 8 }, () => signsInWith(theo.email, password)));
    expect(await kindsOf(theo)).toHaveLength(5);
    await hourPasses(theo);
    await signsInWith(theo.email, password);
    expect(await kindsOf(theo)).toHaveLength(6);
  });

  it("wrong passwords are told once they have to wait", async () => {
    const theo = await world.employee();
    for (let n = 0; n < 9; n++) await signsInWith(theo.email, "wrong");
    expect(await kindsOf(theo)).toEqual([]);
    await signsInWith(theo.email, "wrong");
    expect(await kindsOf(theo)).toEqual(["too-many-tries"]);
    expect(await signsInWith(theo.email, "wrong")).toBe("rate-limited");
    expect(await kindsOf(theo)).toEqual(["too-many-tries"]);
  });

  it("and for no account the same statements run, and nothing is kept (threat 23)", async () => {
    const theo = await world.employee();
    const nobody = `${randomUUID()}@keyturn.example`;
    const tenth = async (email: string) => {
      for (let n = 0; n < 9; n++) await signsInWith(email, "wrong");
      world.queries = [];
      expect(await signsInWith(email, "wrong")).toBe("refused");
      return world.queries.map((text) => text.replace(/^(rollback to|release) savepoint/i, "end savepoint"));
    };
    const known = await tenth(theo.email);
    const before = await world.count(sql`outbox`);
    const links = await world.count(sql`links`);
    expect(await tenth(nobody)).toEqual(known);
    expect(await world.count(sql`outbox`)).toBe(before);
    expect(await world.count(sql`links`)).toBe(links);
  });

  it("a closed account is told nothing", async () => {
    const theo = await world.employee();
    await world.rows(sql`update people set disabled_at = now() where id = ${theo.id}`);
    for (let n = 0; n < 11; n++) await signsInWith(theo.email, "wrong");
    expect(await kindsOf(theo)).toEqual([]);
  });

  it("codes at a prompt are told when they are too many, and not while they are few", async () => {
    const theo = await world.employee({ totp: true });
    const browser = await theo.signsIn();
    const acme = await world.customer();
    const guesses = async () => {
      const asked = await browser.calls(beginEdit, { customerId: acme.id });
      const proof = browser.answers(asked, "totp", { code: await theo.wrongCode() });
      return browser.calls(beginEdit, { customerId: acme.id }, { proof });
    };
    for (let n = 0; n < 10; n++) expect((await guesses()).status).toBe("proof-rejected");
    expect(await kindsOf(theo)).toEqual([]);
    expect((await guesses()).status).toBe("rate-limited");
    expect((await guesses()).status).toBe("rate-limited");
    expect(await kindsOf(theo)).toEqual(["too-many-tries"]);
  });

  it("a recovery code that was used is told; a wrong one is not", async () => {
    const theo = await world.employee({ totp: true });
    const codes = await theo.hasRecoveryCodes();
    const browser = await theo.signsIn();
    const input = { factor: "totp" };
    const tries = async (code: string) => {
      const asked = await browser.calls(openEnrolment, input);
      challengeOf(asked);
      const proof = browser.answers(asked, "recovery-code", { code });
      return browser.calls(openEnrolment, input, { proof });
    };
    expect((await tries("0000-0000-0000-0000")).status).toBe("proof-rejected");
    expect(await kindsOf(theo)).toEqual([]);
    expect((await tries(codes[0] ?? "")).status).toBe("done");
    expect(await kindsOf(theo)).toEqual(["recovery-code-used"]);
    expect((await world.mailsTo(theo.email))[0]?.links).toHaveLength(1);
  });
});
