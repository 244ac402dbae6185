import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { createTransport } from "nodemailer";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { outbox } from "@/db/schema/outbox";
import { testDatabases } from "@/db/testing";
import { MailServer } from "@/lib/testing/mail-server";
import { World } from "@/lib/testing/pipeline";
import { type Courier, Undelivered } from "./courier";
import { type Delivery, delaySeconds, deliverDue, forgetGivenUp } from "./deliver";
import { mailTo } from "./outbox";
import { smtpCourier, smtpOptions } from "./smtp";
import { startDelivery, turnsOf } from "./start-delivery";

const mailFrom = "Keyturn <keyturn@app.example>";
const secretLink = "https://app.example/reset#t0ken";

describe.each(testDatabases.map(({ name }) => name))("the outbox on %s", (kind) => {
  let world: World;
  let server: MailServer;
  const couriers: Courier[] = [];
  const log = vi.spyOn(console, "error");

  beforeAll(async () => {
    log.mockImplementation(() => {});
    world = await World.open(kind);
    server = await MailServer.open();
  });
  afterEach(async () => {
    for (const courier of couriers.splice(0)) courier.close();
    log.mockClear();
    server.onReceived = () => {};
    await world.rows(sql`delete from outbox`);
  });
  afterAll(async () => {
    await server.close();
    await world.close();
  });

  function delivery(url = server.url, options: { keepsBodies?: boolean } = {}): Delivery {
    const courier = smtpCourier({ smtpUrl: url, mailFrom });
    couriers.push(courier);
    return { database: world.database, channel: "mail", courier, keepsBodies: options.keepsBodies ?? false };
  }

  /** Writes a mail to an address of its own, which is returned. */
  async function writes(mail: { subject?: string; body?: string; to?: string } = {}): Promise<string> {
    const email = mail.to ?? `${randomUUID()}@people.example`;
    const { subject = "Hello", body = `Open ${secretLink}` } = mail;
    await world.database.transaction((tx) =>
      mailTo(tx, { personId: null, email }, { kind: "test", subject, body }),
    );
    return email;
  }

  async function rowOf(email: string) {
    const [row] = await world.database.select().from(outbox).where(eq(outbox.recipient, email));
    if (!row) throw new Error("the mail is not in the outbox");
    return row;
  }

  /** As if the next try of everything were due. */
  async function timePasses(): Promise<void> {
    await world.rows(sql`update outbox set next_attempt_at = now() where next_attempt_at > now()`);
  }

  it("sends what is due, once, as plain text in UTF-8, and forgets the text", async () => {
    const email = await writes({
      subject: "Schlüssel übergeben",
      body: `Grüße, 鍵!\n\nOpen ${secretLink}\n`,
    });
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 1 });
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    const [mail, ...more] = server.to(email);
    expect(more).toEqual([]);
    expect(mail?.from).toBe("keyturn@app.example");
    expect(mail?.parsed.subject).toBe("Schlüssel übergeben");
    expect(mail?.parsed.text).toBe(`Grüße, 鍵!\n\nOpen ${secretLink}\n`);
    expect(mail?.parsed.html).toBe(false);
    expect(mail?.parsed.headers.get("content-type")).toMatchObject({
      value: "text/plain",
      params: { charset: "utf-8" },
    });
    expect(mail?.parsed.headers.get("auto-submitted")).toBe("auto-generated");
    const row = await rowOf(email);
    expect(mail?.parsed.messageId).toBe(`<${row.id}@app.example>`);
    expect(row).toMatchObject({ sentAt: expect.any(Date), sealedBody: null, attempts: 1, lastError: null });
  });

  it("keeps the text in demo mode, where the outbox is the mailbox", async () => {
    const email = await writes();
    await deliverDue(delivery(server.url, { keepsBodies: true }));
    expect(await rowOf(email)).toMatchObject({ sentAt: expect.any(Date), sealedBody: expect.any(String) });
  });

  it("holds no text that a thief of the database could read (threats.md: database reader)", async () => {
    await writes();
    expect(await world.everythingStored()).not.toContain("t0ken");
  });

  it("tries again after a temporary refusal, later and later", async () => {
    server.refusals.push({ at: "RCPT TO", code: 451 }, { at: "DATA", code: 452 });
    const email = await writes();
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 0 });
    const first = await rowOf(email);
    expect(first).toMatchObject({ sentAt: null, attempts: 1, lastError: "EENVELOPE 451 RCPT TO" });
    expect(first.nextAttemptAt.getTime()).toBeGreaterThan((await world.now()).getTime() + 15_000);
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    await timePasses();
    await deliverDue(delivery());
    expect(await rowOf(email)).toMatchObject({ sentAt: null, attempts: 2, lastError: "EMESSAGE 452 DATA" });
    await timePasses();
    await deliverDue(delivery());
    expect(server.to(email)).toHaveLength(1);
    expect(await rowOf(email)).toMatchObject({ sentAt: expect.any(Date), attempts: 3, lastError: null });
  });

  it("gives up at once what the server will never take, and with it the text", async () => {
    server.refusals.push({ at: "RCPT TO", code: 550, text: `no such user ${secretLink}` });
    const email = await writes();
    await deliverDue(delivery());
    await world.rows(sql`update outbox set next_attempt_at = least(next_attempt_at, now() + interval '1 day')
      where recipient <> ${email}`);
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    const row = await rowOf(email);
    expect(row).toMatchObject({ sentAt: null, sealedBody: null, lastError: "EENVELOPE 550 RCPT TO" });
    expect(server.to(email)).toEqual([]);
    // Neither the server's words nor the mail's get into the log (threats.md 26).
    expect(JSON.stringify(log.mock.calls)).not.toMatch(/t0ken|no such user|people\.example/);
  });

  it("gives up a mail that could not be sent for three days", async () => {
    const email = await writes();
    await world.rows(sql`update outbox set created_at = now() - interval '73 hours'`);
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    await forgetGivenUp(delivery());
    expect(await rowOf(email)).toMatchObject({ sentAt: null, sealedBody: null });
  });

  it("is sent by one of two deliverers, however they run", async () => {
    const emails = await Promise.all(Array.from({ length: 12 }, () => writes()));
    const both = [delivery(), delivery()];
    const rounds = await Promise.all([...both, ...both, ...both].map(deliverDue));
    expect(rounds.reduce((sum, { sent }) => sum + sent, 0)).toBe(12);
    for (const email of emails) expect(server.to(email)).toHaveLength(1);
  });

  it("is left alone by others while it is on its way", async () => {
    const email = await writes();
    const meanwhile: unknown[] = [];
    server.onReceived = async () => void meanwhile.push(await deliverDue(delivery()));
    await deliverDue(delivery());
    expect(meanwhile).toEqual([{ taken: 0, sent: 0 }]);
    expect(server.to(email)).toHaveLength(1);
  });

  it("goes again after a crash between sending and noting it, under the same Message-ID", async () => {
    const email = await writes();
    const dying: Courier = {
      deliver: async (letter) => {
        await delivery().courier.deliver(letter);
        throw new DiedHere();
      },
      close: () => {},
    };
    const broken = { ...delivery(), courier: dying, database: diesWhenNoting(world.database) };
    await expect(deliverDue(broken)).rejects.toThrow(DiedHere);
    // Another process respects the lease, and takes it up once that has run out.
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
    await timePasses();
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 1 });
    const ids = server.to(email).map(({ parsed }) => parsed.messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it("waits while there is no mail server, and goes when it is back: the loop lives on (threats.md 29)", async () => {
    const away = await MailServer.open();
    const { url } = away;
    await away.close();
    const email = await writes();
    const stop = startDelivery(delivery(url));
    await expect.poll(async () => (await rowOf(email)).lastError).toMatch(/^ESOCKET|^ECONNECTION/);
    await stop();
    expect((await rowOf(email)).sealedBody).not.toBeNull();
    await timePasses();
    expect(await deliverDue(delivery())).toEqual({ taken: 1, sent: 1 });
  });

  it("lives on while the database is away", async () => {
    const email = await writes();
    let away = true;
    const database = new Proxy(world.database, {
      get(target, member, receiver) {
        if (away) throw new Error("the database is away");
        return Reflect.get(target, member, receiver);
      },
    });
    const stop = startDelivery({ ...delivery(), database });
    await expect.poll(() => log.mock.calls.length).toBeGreaterThan(0);
    away = false;
    await expect.poll(() => server.to(email)).toHaveLength(1);
    await stop();
  });

  it("asks no less often because a server that works is slow", async () => {
    const onTheWay = new Set<Promise<void>>();
    let answers = () => {};
    const slow: Courier = {
      deliver: () => new Promise((resolve) => (answers = () => resolve(null))),
      close: () => {},
    };
    const turn = turnsOf({ ...delivery(), courier: slow }, onTheWay);
    for (let n = 0; n < 3; n++) {
      const email = await writes();
      // The server has not answered when the turn is over, and does so before the next one.
      expect(await turn()).toBeLessThanOrEqual(1_000);
      expect(onTheWay.size).toBe(1);
      answers();
      await Promise.all(onTheWay);
      expect((await rowOf(email)).sentAt).not.toBeNull();
    }
    expect(await turn()).toBe(0);
    expect(await turn()).toBe(1_000);
  });

  it("asks less and less often while something is away, is at once back to it, and logs each time", async () => {
    let away = true;
    const database = new Proxy(world.database, {
      get(target, member, receiver) {
        if (away) throw new Error("the database is away");
        return Reflect.get(target, member, receiver);
      },
    });
    const turn = turnsOf({ ...delivery(), database }, new Set());
    expect([await turn(), await turn()]).toEqual([2_000, 4_000]);
    expect(log).toHaveBeenCalledTimes(1);
    away = false;
    expect(await turn()).toBe(1_000);
    away = true;
    expect(await turn()).toBe(2_000);
    expect(log).toHaveBeenCalledTimes(2);
  });

  it("asks less and less often while the server takes nothing, until it takes something", async () => {
    let away = true;
    const courier: Courier = {
      deliver: async () => {
        if (away) throw new Undelivered("ESOCKET", false);
        return null;
      },
      close: () => {},
    };
    const onTheWay = new Set<Promise<void>>();
    const turn = turnsOf({ ...delivery(), courier }, onTheWay);
    const next = async () => {
      await writes();
      const wait = await turn();
      await Promise.all(onTheWay);
      return wait;
    };
    const waits = [await next(), await next(), await next(), await next()];
    expect(waits[3]).toBeGreaterThanOrEqual(8_000);
    away = false;
    // In its own turn, or by the next one.
    expect([await next(), await turn()]).toContain(0);
  });

  it("sends what was just written, by itself", async () => {
    const stop = startDelivery(delivery());
    const email = await writes();
    await expect.poll(() => server.to(email)).toHaveLength(1);
    await stop();
  });

  it("does not go out when what it tells of is rolled back", async () => {
    const email = `${randomUUID()}@people.example`;
    const change = world.database.transaction(async (tx) => {
      await mailTo(tx, { personId: null, email }, { kind: "test", subject: "Hello", body: "x" });
      throw new DiedHere();
    });
    await expect(change).rejects.toThrow(DiedHere);
    expect(await deliverDue(delivery())).toEqual({ taken: 0, sent: 0 });
  });

  it.each([
    ["a@people.example\r\nBcc: thief@evil.example", "Hello"],
    ["a@people.example, thief@evil.example", "Hello"],
    ['"thief@evil.example "@people.example', "Hello"],
    ["<a@people.example>", "Hello"],
  ])("never sends to what is not one address: %j", async (to, subject) => {
    await writes({ to, subject });
    const before = server.received.length;
    await deliverDue(delivery());
    expect(server.received.length).toBe(before);
    expect(await rowOf(to)).toMatchObject({ sentAt: null, lastError: "the recipient is no address" });
  });

  it("takes no header from a subject or a body", async () => {
    const subject = "Theo\r\nBcc: thief@evil.example\r\n\r\nA text of mine";
    const body = "Bcc: thief@evil.example\r\n.\r\nMAIL FROM:<thief@evil.example>\r\n";
    const email = await writes({ subject, body });
    await deliverDue(delivery());
    const [mail] = server.to(email);
    expect(mail?.to).toEqual([email]);
    expect(mail?.parsed.bcc).toBeUndefined();
    expect(mail?.parsed.headers.has("bcc")).toBe(false);
    expect(mail?.parsed.subject).toBe("Theo Bcc: thief@evil.example A text of mine");
    expect(mail?.parsed.text).toContain(".\nMAIL FROM");
    expect(server.to("thief@evil.example")).toEqual([]);
  });

  it("signs in where the address says so, and a wrong password stays out of outbox and log", async () => {
    const guarded = await MailServer.open({ login: { user: "keyturn", password: "p@ss/word" } });
    try {
      const email = await writes();
      await deliverDue(delivery(guarded.url.replace("p%40ss", "wr0ng")));
      const row = await rowOf(email);
      expect(row).toMatchObject({ sentAt: null, lastError: expect.stringMatching(/^EAUTH 535/) });
      // Our own mistake: it is not the mail's fault, which is tried again.
      expect(row.sealedBody).not.toBeNull();
      expect(JSON.stringify(log.mock.calls) + row.lastError).not.toMatch(/wr0ng|p@ss/);
      await timePasses();
      await deliverDue(delivery(guarded.url));
      expect(guarded.to(email)[0]?.user).toBe("keyturn");
    } finally {
      await guarded.close();
    }
  });
});

describe("what is said to a mail server is said in TLS", () => {
  it.each([
    ["smtps://mail.example.com", { secure: true, port: 465 }],
    ["smtp://mail.example.com", { secure: false, port: 587, requireTLS: true }],
    ["smtp://mailpit:1025", { secure: false, port: 1025, requireTLS: true }],
    ["smtp://localhost:25", { secure: false, port: 25, ignoreTLS: true }],
    ["smtp://[::1]:25", { host: "::1", ignoreTLS: true }],
    ["smtp://127.0.0.1.evil.example", { requireTLS: true }],
    ["smtp://mail.example.com?ignoreTLS=true&requireTLS=false", { requireTLS: true }],
  ])("%s", (url, wanted) => {
    const options = smtpOptions(url);
    expect(options).toMatchObject(wanted);
    expect(options.requireTLS && options.ignoreTLS).toBeFalsy();
    expect(options.tls).toBeUndefined();
  });

  it("and nothing at all where the server offers none, or a certificate that nobody vouches for", async () => {
    const bare = await MailServer.open();
    const selfSigned = await MailServer.open({ hideSTARTTLS: false });
    try {
      for (const { port } of [bare, selfSigned]) {
        // As a name would that leads here and is not called this host.
        const transport = createTransport({
          ...smtpOptions(`smtp://mail.example.com:${port}`),
          host: "127.0.0.1",
        });
        await expect(transport.sendMail({ from: "a@b.example", to: "c@d.example" })).rejects.toThrow();
      }
      expect([...bare.received, ...selfSigned.received]).toEqual([]);
    } finally {
      await bare.close();
      await selfSigned.close();
    }
  });
});

describe("the delays between tries", () => {
  it("double from half a minute to an hour, spread by a quarter either way", () => {
    expect([1, 2, 3, 7, 8, 60].map((attempts) => delaySeconds(attempts, 0.5))).toEqual([
      30, 60, 120, 1920, 3600, 3600,
    ]);
    expect(delaySeconds(1, 0)).toBe(22.5);
    expect(delaySeconds(1, 1)).toBe(37.5);
  });
});

class DiedHere extends Error {}

/** A handle whose process ends before it notes anything about a mail that it had taken. */
function diesWhenNoting(database: Delivery["database"]): Delivery["database"] {
  let updates = 0;
  return new Proxy(database, {
    get(target, member, receiver) {
      if (member === "update" && ++updates > 1) throw new DiedHere();
      return Reflect.get(target, member, receiver);
    },
  });
}
