import { connect, type Socket } from "node:net";

/*
 * HTTP byte by byte: a well-behaved client refuses to send most of what is tried here, and mends the rest.
 */

/** A request as it goes out. `head` holds whole lines; what HTTP needs is added unless a line of that name is there. */
export type Sent = { method?: string; path: string; head?: string[]; body?: string | Buffer };

/** An answer as it came. Status 0: the server closed the connection without one. */
export type Answer = { status: number; head: string; text: string };

/** Longer than any answer takes on a busy machine: what isn't there by then hangs. */
const patienceMilliseconds = 20_000;

/** Sends one request and reads the whole answer. Throws when it hangs. */
export async function send(origin: string, sent: Sent): Promise<Answer> {
  const socket = await opened(origin);
  socket.write(bytesOf(origin, sent));
  return answerOf(socket, sent);
}

/**
 * Sends requests that arrive together: all but the last byte of each goes out beforehand, on connections of their
 * own, and then the last bytes at once.
 */
export async function sendTogether(origin: string, requests: readonly Sent[]): Promise<Answer[]> {
  const held = await Promise.all(
    requests.map(async (sent) => {
      const socket = await opened(origin);
      const bytes = bytesOf(origin, sent);
      await new Promise((resolve) => socket.write(bytes.subarray(0, -1), resolve));
      return { socket, sent, last: bytes.subarray(-1) };
    }),
  );
  const answers = held.map(({ socket, sent }) => answerOf(socket, sent));
  for (const { socket, last } of held) socket.write(last);
  return Promise.all(answers);
}

async function opened(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

function bytesOf(origin: string, { method = "GET", path, head = [], body }: Sent): Buffer {
  const has = (name: string) => head.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const content = Buffer.from(body ?? "");
  const lines = [`${method} ${path} HTTP/1.1`, ...head];
  if (!has("host")) lines.push(`Host: ${new URL(origin).host}`);
  if (!has("content-length") && !has("transfer-encoding") && body !== undefined)
    lines.push(`Content-Length: ${content.length}`);
  if (!has("connection")) lines.push("Connection: close");
  // Header bytes are Latin-1: what a character means is for the reader to say.
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), content]);
}

async function answerOf(socket: Socket, { method = "GET", path }: Sent): Promise<Answer> {
  const chunks: Buffer[] = [];
  const timer = setTimeout(
    () => socket.destroy(new Error(`no end of an answer to ${method} ${path.slice(0, 200)}`)),
    patienceMilliseconds,
  );
  try {
    for await (const chunk of socket) chunks.push(chunk as Buffer);
  } catch (error) {
    // A server that refuses early resets the connection while we are still sending: what it said counts.
    if (!["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    clearTimeout(timer);
  }
  return parsed(Buffer.concat(chunks));
}

function parsed(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, head: bytes.toString("latin1"), text: "" };
  const head = bytes.subarray(0, end).toString("latin1");
  const rest = bytes.subarray(end + 4);
  const text = /\r\ntransfer-encoding: chunked/i.test(head) ? unchunked(rest) : rest;
  return { status: Number(head.split(" ")[1]), head, text: text.toString("utf8") };
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf("\r\n", at);
    const size = line < 0 ? 0 : Number.parseInt(bytes.subarray(at, line).toString("latin1"), 16);
    if (!size) return Buffer.concat(parts);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
