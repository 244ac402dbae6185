import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { outbox } from "@/db/schema/outbox";
import { testDatabases } from "@/db/testing";
import { type Someone, World } from "@/lib/testing/pipeline";
import { SmsGateway } from "@/lib/testing/sms-gateway";
import { type Delivery, deliverDue, forgetGivenUp } from "./deliver";
import { deliveryOf } from "./delivery";
import { followDue } from "./follow";
import { type SmsSettings, smsCourier } from "./sms";
import { startDelivery } from "./start-delivery";
import { textTo } from "./text-message";

describe.each(testDatabases.map(({ name }) => name))("text messages on %s", (kind) => {
  let world: World;
  let gateway: SmsGateway;
  let erin: Someone;
  const log = vi.spyOn(console, "error");

  beforeAll(async () => {
    log.mockImplementation(() => {});
    world = await World.open(kind);
    gateway = await SmsGateway.open();
    erin = await world.employee();
  });
  afterEach(async () => {
    log.mockClear();
    gateway.refusals.length = 0;
    gateway.requests.length = 0;
    await world.rows(sql`delete from outbox`);
  });
  afterAll(async () => {
    await gateway.close();
    await world.close();
  });

  function delivery(settings: Partial<SmsSettings> = {}, patience = 5_000): Delivery {
    const courier = smsCourier({ ...gateway.settings, ...settings }, patience);
    return { database: world.database, channel: "sms", courier, keepsBodies: false };
  }

  /** Writes a message to a number of its own, which is returned with its id. */
  async function writes(lifetimeSeconds = 600): Promise<{ id: string; number: string }> {
    const number = `+49170${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
    const message = { kind: "test", lifetimeSeconds, number, text: "123456 is your code" };
    const id = await world.database.transaction((tx) => textTo(tx, erin.id, message));
    return { id, number };
  }

  async function rowOf(id: string) {
    const [row] = await world.database.select().from(outbox).where(eq(outbox.id, id));
    if (!row) throw new Error("the message is not in the outbox");
    return row;
  }

  const said = () => JSON.stringify(log.mock.calls);

  it("go out once with the account's login, and neither number nor text stays", async () => {
    const { id, number } = await writes();
    expect(JSON.stringify(await rowOf(id))).not.toContain(number.slice(3));
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 1 });
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    const [text, ...more] = gateway.to(number);
    expect(more).toEqual([]);
    expect(text).toMatchObject({ from: "+15005550006", service: null, body: "123456 is your code" });
    expect(text?.validitySeconds).toBeGreaterThan(500);
    expect(text?.validitySeconds).toBeLessThanOrEqual(600);
    expect(await rowOf(id)).toMatchObject({ sealedBody: null, delivery: "accepted", gatewayId: text?.sid });
    expect(await deliveryOf(world.reader, id)).toBe("sent");
  });

  it("go out by a messaging service where the sender is one", async () => {
    const { number } = await writes();
    const sender = `MG${"0".repeat(32)}`;
    await deliverDue(delivery({ sender }));
    expect(gateway.to(number)).toMatchObject([{ from: null, service: sender }]);
  });

  it("are no mails, and mails are no text messages", async () => {
    const { number } = await writes();
    const mails = vi.fn(async () => null);
    const courier = { deliver: mails, close: () => {} };
    const round = await deliverDue({
      database: world.database,
      channel: "mail",
      courier,
      keepsBodies: false,
    });
    expect(round.taken).toBe(0);
    expect(gateway.to(number)).toEqual([]);
  });

  it.each([
    [400, 21211, "failed", "the gateway refuses this number or text (400, 21211)"],
    [401, 20003, "delayed", "the gateway refuses our credentials (401, 20003)"],
    [404, 20404, "delayed", "the gateway does not know our account (404, 20404)"],
    [429, 20429, "delayed", "the gateway has too much to do (429, 20429)"],
    [500, undefined, "delayed", "the gateway is out of order (500)"],
    [503, 20503, "delayed", "the gateway is out of order (503, 20503)"],
  ] as const)("that are answered by %s %s are %s", async (status, code, told, words) => {
    gateway.refusals.push({ status, ...(code ? { code } : {}) });
    const { id, number } = await writes();
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 0 });
    expect(await rowOf(id)).toMatchObject({ sentAt: null, lastError: words });
    expect(await deliveryOf(world.reader, id)).toBe(told);
    // What the gateway says could hold anything: it is in no row and in no log (threats.md 32).
    expect(said()).not.toContain("own words");
    expect(said()).not.toContain(number);
    await world.rows(
      sql`update outbox set next_attempt_at = now() where next_attempt_at < now() + interval '1 hour'`,
    );
    expect(await deliverDue(delivery())).toMatchObject(told === "failed" ? { taken: 0 } : { sent: 1 });
  });

  it("follow no redirect: the account's token stays with the host that the environment names (threats.md 32)", async () => {
    const elsewhere = await SmsGateway.open();
    gateway.refusals.push({ status: 307, location: `${elsewhere.url}/2010-04-01/Accounts/x/Messages.json` });
    const { id } = await writes();
    await deliverDue(delivery());
    expect(await rowOf(id)).toMatchObject({
      sentAt: null,
      lastError: "the gateway sends us elsewhere (307)",
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it("wait for no gateway that keeps silent, or is away", async () => {
    gateway.refusals.push("silent");
    const { id } = await writes();
    await deliverDue(delivery({}, 100));
    expect(await rowOf(id)).toMatchObject({ lastError: "the gateway did not answer in time" });
    await world.rows(sql`update outbox set next_attempt_at = now()`);
    await deliverDue(delivery({ baseUrl: "http://127.0.0.1:1" }));
    expect(await rowOf(id)).toMatchObject({ lastError: "the gateway cannot be reached", delivery: "failed" });
  });

  /** Every try that there is, one after the other. Returns how many. */
  async function triesAll(patience?: number): Promise<number> {
    let tries = 0;
    while (tries < 20) {
      await world.rows(
        sql`update outbox set next_attempt_at = now() where next_attempt_at < now() + interval '1 hour'`,
      );
      if ((await deliverDue(delivery({}, patience))).taken === 0) break;
      tries += 1;
    }
    return tries;
  }

  it.each([
    ["three times at most by a gateway that is out of order", { status: 503 }, 3],
    ["twice at most where it may have been taken each time", "silent", 2],
  ] as const)("are tried %s: each may cost one", async (_words, refusal, most) => {
    gateway.refusals.push(...Array(20).fill(refusal));
    const { id } = await writes();
    expect(await triesAll(100)).toBe(most);
    expect(gateway.requests).toHaveLength(most);
    expect(await rowOf(id)).toMatchObject({ sealedBody: null, delivery: "failed" });
    expect(await deliveryOf(world.reader, id)).toBe("failed");
  });

  it.each([
    "not json",
    JSON.stringify({ sid: "../../Accounts" }),
    JSON.stringify({ sid: 7 }),
    "x".repeat(70_000),
  ])("were sent once they were taken, though the answer cannot be read: %.20s", async (text) => {
    gateway.refusals.push({ status: 201, text });
    const { id } = await writes();
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 1 });
    expect(await rowOf(id)).toMatchObject({ gatewayId: null, sealedBody: null });
    expect(await triesAll()).toBe(0);
    expect(await deliveryOf(world.reader, id)).toBe("sent");
  });

  it("are tried again sooner than mails, and never after the code's end", async () => {
    gateway.refusals.push({ status: 503 });
    const { id, number } = await writes();
    await deliverDue(delivery());
    const soon = (await rowOf(id)).nextAttemptAt.getTime() - (await world.now()).getTime();
    expect(soon).toBeLessThan(8_000);
    await world.rows(sql`update outbox set next_attempt_at = now(), expires_at = now()`);
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    expect(gateway.to(number)).toEqual([]);
    expect(await deliveryOf(world.reader, id)).toBe("failed");
    await forgetGivenUp(delivery());
    expect(await rowOf(id)).toMatchObject({ sealedBody: null });
  });

  it.each([
    ["delivered", "delivered"],
    ["undelivered", "failed"],
    ["failed", "failed"],
    ["sending", "sent"],
    ["something new", "sent"],
  ])("whose later status is %s are %s", async (status, told) => {
    const { id, number } = await writes();
    gateway.statuses.set(number, status);
    await deliverDue(delivery());
    const { courier } = delivery();
    await followDue(world.database, courier);
    expect(gateway.requests.filter(({ method }) => method === "GET")).toEqual([]);
    await world.rows(sql`update outbox set next_attempt_at = now()`);
    await followDue(world.database, courier);
    expect(gateway.requests.filter(({ method }) => method === "GET")).toHaveLength(1);
    expect(await deliveryOf(world.reader, id)).toBe(told);
  });

  it("are asked after for two minutes, later and later, whatever the gateway answers", async () => {
    const { id, number } = await writes();
    gateway.statuses.set(number, "sent");
    await deliverDue(delivery());
    const { courier } = delivery({ authToken: "wrong" });
    await world.rows(
      sql`update outbox set next_attempt_at = now(), sent_at = sent_at - interval '40 seconds'`,
    );
    await followDue(world.database, courier);
    const later = (await rowOf(id)).nextAttemptAt.getTime() - (await world.now()).getTime();
    expect(later).toBeGreaterThan(30_000);
    await world.rows(
      sql`update outbox set next_attempt_at = now(), sent_at = sent_at - interval '90 seconds'`,
    );
    gateway.requests.length = 0;
    await followDue(world.database, courier);
    expect(gateway.requests).toEqual([]);
    expect(await deliveryOf(world.reader, id)).toBe("sent");
  });

  it("are sent and followed in the background until it is ended", async () => {
    const { id, number } = await writes();
    gateway.statuses.set(number, "undelivered");
    const end = startDelivery(delivery());
    await vi.waitFor(async () => expect(await deliveryOf(world.reader, id)).toBe("failed"), {
      timeout: 15_000,
    });
    await end();
  });

  it("wait for none that hangs at the gateway, and are followed meanwhile", async () => {
    gateway.refusals.push("silent");
    await writes();
    const end = startDelivery(delivery({}, 20_000));
    await vi.waitFor(() => expect(gateway.requests).toHaveLength(1), { timeout: 10_000 });
    const beside = await writes();
    gateway.statuses.set(beside.number, "undelivered");
    const since = performance.now();
    await vi.waitFor(async () => expect(await deliveryOf(world.reader, beside.id)).toBe("failed"), {
      timeout: 15_000,
    });
    expect(performance.now() - since).toBeLessThan(12_000);
    // What hangs is cut off here, so that the end needn't wait for it.
    gateway.hangUp();
    await end();
  });

  it("to what is no number are not sent at all", async () => {
    const message = { kind: "test", lifetimeSeconds: 60, number: "+49170&From=x", text: "x" };
    const id = await world.database.transaction((tx) => textTo(tx, erin.id, message));
    await deliverDue(delivery());
    expect(gateway.requests).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ lastError: "the recipient is no number", delivery: "failed" });
  });
});
