import { createTransport, type Transporter } from "nodemailer";
import type SMTPTransport from "nodemailer/lib/smtp-transport";
import { type Courier, type Letter, Undelivered } from "./courier";

export type SmtpSettings = { smtpUrl: string; mailFrom: string };

const second = 1000;

/** Speaks to the mail server of SMTP_URL. */
export function smtpCourier({ smtpUrl, mailFrom }: SmtpSettings): Courier {
  const transport = createTransport(smtpOptions(smtpUrl));
  const sender = addressIn(mailFrom);
  return {
    deliver: async (letter) => {
      if (!isOneAddress(letter.recipient)) throw new Undelivered("the recipient is no address", true);
      await send(transport, sender, mailFrom, letter);
      return null;
    },
    close: () => transport.close(),
  };
}

/**
 * `smtps://` is TLS from the first byte. `smtp://` must become TLS before anything is said, or nothing is sent: mails
 * hold links that open accounts (ASVS v5.0.0-12.3.1). Only to a relay on this host they may go in the clear. There is
 * no switch for less; a server with a certificate of one's own is trusted by NODE_EXTRA_CA_CERTS.
 */
export function smtpOptions(smtpUrl: string): SMTPTransport.Options {
  const url = new URL(smtpUrl);
  const secure = url.protocol === "smtps:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const onThisHost = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    ...(secure ? {} : onThisHost ? { ignoreTLS: true } : { requireTLS: true }),
    ...(url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    // Together far below the time for which a mail is taken out of the outbox (deliver.ts).
    connectionTimeout: 10 * second,
    greetingTimeout: 10 * second,
    socketTimeout: 20 * second,
    dnsTimeout: 10 * second,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * Plain text in UTF-8. The id makes the Message-ID, so that a mail that had to be sent twice is one in most mailboxes.
 * The envelope is said apart from the headers: whatever these hold, it goes to one address.
 */
async function send(
  transport: Transporter<SMTPTransport.SentMessageInfo>,
  sender: string,
  from: string,
  { id, recipient, subject, body, createdAt }: Letter,
): Promise<void> {
  try {
    await transport.sendMail({
      envelope: { from: sender, to: [recipient] },
      from,
      to: { name: "", address: recipient },
      subject: oneLine(subject),
      text: body,
      date: createdAt,
      messageId: `<${id}@${sender.split("@")[1]}>`,
      // No answers by machines (RFC 3834).
      headers: { "Auto-Submitted": "auto-generated" },
    });
  } catch (error) {
    throw undelivered(error);
  }
}

function undelivered(error: unknown): Undelivered {
  const fault = error as { code?: unknown; responseCode?: unknown; command?: unknown };
  const told = [fault.code, fault.responseCode, fault.command].filter(
    (one) => typeof one === "number" || (typeof one === "string" && /^[\w ]{1,40}$/.test(one)),
  );
  const answer = typeof fault.responseCode === "number" ? fault.responseCode : 0;
  // What is said to RCPT and DATA is about this mail; refusals before that are about us, and end when we are set right.
  const aboutThisMail = /^(RCPT TO|DATA)/.test(String(fault.command)) || fault.code === "EMESSAGE";
  return new Undelivered(told.join(" ") || "unknown fault", answer >= 500 && aboutThisMail);
}

/** Exactly one address, in a form that no parser reads in two ways. */
function isOneAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[^\s\p{Cc}<>()[\]\\,;:"@]+$/u.test(text);
}

function addressIn(mailFrom: string): string {
  return /<([^<>]+)>$/.exec(mailFrom)?.[1] ?? mailFrom;
}

/** A subject is one line: names in it were typed by people. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
