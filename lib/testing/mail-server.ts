import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type ReceivedMail = {
  /** Whom the envelope names, and who the session was. */
  from: string;
  to: string[];
  secure: boolean;
  user: string | null;
  /** As it came, headers and all. */
  raw: string;
  parsed: ParsedMail;
};

type Wanted = Pick<SMTPServerOptions, "hideSTARTTLS" | "key" | "cert" | "secure"> & {
  /** Signing in is asked for, and this is what's accepted. */
  login?: { user: string; password: string };
};

/** A mail server on a loopback port that keeps what it is sent. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  /** Answers to the next mails' RCPT TO or DATA; once they are used up, every mail is taken. */
  readonly refusals: { at: "RCPT TO" | "DATA"; code: number; text?: string }[] = [];
  /** Called when a mail is here and before that is said. */
  onReceived: (mail: ReceivedMail) => void | Promise<void> = () => {};
  connections = 0;

  private constructor(
    private readonly server: SMTPServer,
    private readonly login: Wanted["login"],
  ) {}

  static async open({ login, ...options }: Wanted = {}): Promise<MailServer> {
    const server: SMTPServer = new SMTPServer({
      hideSTARTTLS: true,
      authOptional: !login,
      // What is tested is the client: without TLS a login is a mistake of its own.
      allowInsecureAuth: true,
      disableReverseLookup: true,
      ...options,
      onConnect: (_session, done) => {
        mailServer.connections += 1;
        done();
      },
      onAuth: ({ username, password }, _session, done) => {
        const right = username === login?.user && password === login?.password;
        if (right) return done(null, { user: username });
        done(new Error("Wrong login"));
      },
      onRcptTo: (_address, _session, done) => done(mailServer.refusal("RCPT TO")),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", async () => {
          const refusal = mailServer.refusal("DATA");
          if (refusal) return done(refusal);
          const raw = Buffer.concat(chunks).toString("utf8");
          const { mailFrom, rcptTo } = session.envelope;
          const mail = {
            from: mailFrom ? mailFrom.address : "",
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
            user: typeof session.user === "string" ? session.user : null,
            raw,
            parsed: await simpleParser(raw),
          };
          mailServer.received.push(mail);
          await mailServer.onReceived(mail);
          done();
        });
      },
    });
    // Clients that break off are a part of the tests.
    server.on("error", () => {});
    const mailServer = new MailServer(server, login);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    return mailServer;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** SMTP_URL for it. */
  get url(): string {
    const login = this.login
      ? `${encodeURIComponent(this.login.user)}:${encodeURIComponent(this.login.password)}@`
      : "";
    return `${this.server.options.secure ? "smtps" : "smtp"}://${login}127.0.0.1:${this.port}`;
  }

  /** The mails to one address, the oldest first. */
  to(address: string): ReceivedMail[] {
    return this.received.filter(({ to }) => to.includes(address));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private refusal(at: "RCPT TO" | "DATA"): (Error & { responseCode: number }) | null {
    const index = this.refusals.findIndex((one) => one.at === at);
    const [found] = index < 0 ? [] : this.refusals.splice(index, 1);
    return found ? Object.assign(new Error(found.text ?? "Not now"), { responseCode: found.code }) : null;
  }
}
