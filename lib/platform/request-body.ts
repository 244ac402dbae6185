import { IncomingMessage } from "node:http";

/** Below the megabyte at which Next itself answers 500. */
export const bodyLimitBytes = 1_000_000;

/**
 * Reads the whole body, counting the bytes that come in whatever Content-Length says, so that a refusal is ours and
 * Next never sees half a body. The server's request timeout ends a body that comes too slowly.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | "too large" | "aborted"> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return "too large";
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        request.removeAllListeners("data");
        request.pause();
        resolve("too large");
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => resolve("aborted"));
    request.on("close", () => resolve("aborted"));
  });
}

/** The same request with the body that was read: a stream that has ended cannot be filled again. */
export function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  copy.method = request.method;
  copy.url = request.url;
  copy.httpVersion = request.httpVersion;
  copy.httpVersionMajor = request.httpVersionMajor;
  copy.httpVersionMinor = request.httpVersionMinor;
  const { "transfer-encoding": _, ...headers } = request.headers;
  copy.headers = { ...headers, "content-length": `${body.length}` };
  copy.rawHeaders = Object.entries(copy.headers).flatMap(([name, value]) => [name, `${value}`]);
  copy.complete = true;
  copy.push(body);
  copy.push(null);
  return copy;
}
