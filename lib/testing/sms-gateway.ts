import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type ReceivedText = {
  sid: string;
  to: string;
  from: string | null;
  service: string | null;
  body: string;
  validitySeconds: number | null;
};

/** What the gateway says instead of taking a message; `silent`: nothing at all. */
type Refusal = { status: number; code?: number; text?: string; location?: string } | "silent";

/** A gateway of the shape of Twilio's Messages API on a loopback port that keeps what it is sent. */
export class SmsGateway {
  readonly accountSid = `AC${"a".repeat(32)}`;
  readonly authToken = "the token of the tests";
  readonly received: ReceivedText[] = [];
  /** Answers to the next messages; once they are used up, every message is taken. */
  readonly refusals: Refusal[] = [];
  /** What is told of a message when it is asked for, by its number. Elsewhere: delivered. */
  readonly statuses = new Map<string, string>();
  /** Every request, whatever became of it. */
  readonly requests: { method: string; path: string }[] = [];
  /** Called when a message is here and before that is said. */
  onReceived: (text: ReceivedText) => void | Promise<void> = () => {};

  private constructor(private readonly server: Server) {}

  static async open(): Promise<SmsGateway> {
    const server = createServer((request, response) => {
      gateway.answer(request, response).catch(() => response.destroy());
    });
    const gateway = new SmsGateway(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    return gateway;
  }

  /** TWILIO_BASE_URL for it. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get settings() {
    const { accountSid, authToken, url } = this;
    return { accountSid, authToken, sender: "+15005550006", baseUrl: url };
  }

  /** The messages to one number, the oldest first. */
  to(number: string): ReceivedText[] {
    return this.received.filter(({ to }) => to === number);
  }

  /** Breaks every connection. */
  hangUp(): void {
    this.server.closeAllConnections();
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    this.requests.push({ method: request.method ?? "", path });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const account = `/2010-04-01/Accounts/${this.accountSid}/Messages`;
    const login = `Basic ${Buffer.from(`${this.accountSid}:${this.authToken}`).toString("base64")}`;
    if (!path.startsWith(account)) return say(response, 404, { code: 20404 });
    if (request.headers.authorization !== login) return say(response, 401, { code: 20003 });
    if (request.method === "POST" && path === `${account}.json`)
      return this.take(new URLSearchParams(Buffer.concat(chunks).toString("utf8")), response);
    const sid = path.slice(account.length + 1).replace(/\.json$/, "");
    const known = this.received.find((one) => one.sid === sid);
    if (request.method !== "GET" || !known) return say(response, 404, { code: 20404 });
    say(response, 200, { sid, status: this.statuses.get(known.to) ?? "delivered" });
  }

  private async take(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const refusal = this.refusals.shift();
    if (refusal === "silent") return;
    if (refusal) {
      const { status, code, text, location } = refusal;
      if (location) response.setHeader("Location", location);
      return say(response, status, text ?? { code, message: "The gateway's own words", status });
    }
    const validity = form.get("ValidityPeriod");
    const text = {
      sid: `SM${randomBytes(16).toString("hex")}`,
      to: form.get("To") ?? "",
      from: form.get("From"),
      service: form.get("MessagingServiceSid"),
      body: form.get("Body") ?? "",
      validitySeconds: validity === null ? null : Number(validity),
    };
    this.received.push(text);
    await this.onReceived(text);
    say(response, 201, { sid: text.sid, status: "queued" });
  }
}

function say(response: ServerResponse, status: number, answer: unknown): void {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  response.writeHead(status, { "Content-Type": "application/json" }).end(text);
}
