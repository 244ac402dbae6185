import { randomBytes } from "node:crypto";
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { actionFault } from "./action-body";
import { whileAnswering } from "./answer";
import { clientAddress } from "./client-address";
import type { Environment } from "./env";
import { bodyLimitBytes, readBody, withBody } from "./request-body";
import { isRouterState } from "./router-state";
import { answerKind, securityHeaders } from "./security-headers";

/*
 * What no request passes on its way to Next, and the headers that no answer leaves without. Next itself lets an action
 * through when Origin is missing, believes X-Forwarded-Host before Host, and answers 500 to a foreign Origin, an
 * oversized body or broken JSON (threats.md 2, 24, 31). The gate is no authority on who may do what: each action and
 * each read checks that again.
 */

export type GateFacts = Pick<
  Environment,
  "origin" | "url" | "allowedHosts" | "allowedOrigins" | "trustedProxies" | "loopback" | "secure"
> & { development?: boolean };

type Refusal = { status: number; sentence: string; headers?: Record<string, string> };
type Next = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Wraps a request handler: what passes reaches it with a whole body and headers that can be believed. */
export function requestGate(facts: GateFacts, next: Next) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const headers = securityHeaders(
      facts,
      answerKind(request.method ?? "", path),
      randomBytes(16).toString("base64"),
    );
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refusal = refuse(facts, request) ?? aliasRedirect(facts, request);
    if (refusal) return answer(request, response, refusal);
    const body = await readBody(request, bodyLimitBytes);
    if (body === "aborted") return;
    if (body === "too large")
      return answer(request, response, { status: 413, sentence: "This is more than one megabyte." });
    const fault = actionFault(request, body, facts.development === true);
    if (fault)
      return answer(request, response, { status: fault, sentence: "This request cannot be understood." });
    // Next reads the nonce for its own scripts from here.
    rewriteHeaders(facts, request, { "content-security-policy": `${headers["content-security-policy"]}` });
    await whileAnswering(response, () => next(body.length > 0 ? withBody(request, body) : request, response));
  };
}

/** Web sockets serve hot reload alone; a foreign page must not open one either. */
export function mayUpgrade(facts: GateFacts, request: IncomingMessage): boolean {
  if (!facts.development || refuseAddress(facts, request)) return false;
  const allowed = facts.allowedOrigins.includes(request.headers.origin ?? "");
  if (allowed) rewriteHeaders(facts, request);
  return allowed;
}

function refuse(facts: GateFacts, request: IncomingMessage): Refusal | undefined {
  const address = refuseAddress(facts, request);
  if (address) return address;
  const { method = "", headers } = request;
  if (method === "GET" || method === "HEAD") return undefined;
  if (method !== "POST")
    return { status: 405, sentence: "Not allowed.", headers: { allow: "GET, HEAD, POST" } };
  // Packed bodies would be read as if they were not: two readings of one request (RFC 9112 § 6.1, RFC 9110 § 8.4).
  if (!["chunked", "undefined"].includes(`${headers["transfer-encoding"]}`.toLowerCase()))
    return { status: 400, sentence: "This transfer encoding is not understood." };
  if (!["identity", "undefined"].includes(`${headers["content-encoding"]}`.toLowerCase()))
    return { status: 415, sentence: "Packed requests are not understood." };
  const { origin } = headers;
  if (origin !== undefined && !facts.allowedOrigins.includes(origin)) {
    return { status: 403, sentence: "Requests from other sites are refused." };
  }
  // A browser that leaves Origin out still tells where the request began.
  if (origin === undefined && ["cross-site", "same-site"].includes(`${headers["sec-fetch-site"]}`)) {
    return { status: 403, sentence: "Requests from other sites are refused." };
  }
  return undefined;
}

/** DNS rebinding shows in Host; a second Host, or one inside the request line, is a trick on whoever reads the other. */
function refuseAddress(facts: GateFacts, request: IncomingMessage): Refusal | undefined {
  if (!request.url?.startsWith("/") || !isDecodable(request.url))
    return { status: 400, sentence: "This request cannot be understood." };
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length > 1) return { status: 400, sentence: "This request cannot be understood." };
  if (!facts.allowedHosts.includes((request.headers.host ?? "").toLowerCase())) {
    return { status: 421, sentence: "This server does not answer under that name." };
  }
  return undefined;
}

/** Next answers 500 where a part of the path that a page takes is no UTF-8. */
function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url.split("?", 1)[0] ?? "");
    return true;
  } catch {
    return false;
  }
}

/** Passkeys and cookies belong to one name: whoever opens 127.0.0.1 goes on at localhost. */
function aliasRedirect(facts: GateFacts, request: IncomingMessage): Refusal | undefined {
  const { method, url = "/", headers } = request;
  if (headers.host?.toLowerCase() === facts.url.host || (method !== "GET" && method !== "HEAD"))
    return undefined;
  if (/^\/(_next\/|api\/(health|ready)(\?|$))/.test(url)) return undefined;
  return { status: 307, sentence: "Go on there.", headers: { location: facts.origin + url } };
}

/** Only we may tell Next these: they steer middleware and caches, or name a client, a host or a nonce. */
const ours =
  /^(x-middleware-|x-invoke-|x-keyturn-|x-forwarded|x-vercel-|forwarded$|next-resume$|x-next-resume|x-matched-path$|x-now-route-matches$|x-real-ip$|x-nonce$|content-security-policy|x-http-method)/;

const routerState = "next-router-state-tree";

function rewriteHeaders(facts: GateFacts, request: IncomingMessage, more: Record<string, string> = {}): void {
  const address = clientAddress(request, facts.trustedProxies);
  const state = request.headers[routerState];
  const dropped = (name: string) =>
    ours.test(name) || (name === routerState && (typeof state !== "string" || !isRouterState(state)));
  for (const name of Object.keys(request.headers)) if (dropped(name)) delete request.headers[name];
  const set = {
    "x-forwarded-host": facts.url.host,
    "x-forwarded-proto": facts.url.protocol.slice(0, -1),
    "x-forwarded-port": facts.url.port || (facts.url.protocol === "https:" ? "443" : "80"),
    "x-forwarded-for": address,
    "x-keyturn-address": address,
    "x-keyturn-path": pathOf(request),
    ...more,
  };
  Object.assign(request.headers, set);
  const kept = request.rawHeaders.filter((_, index, all) => !dropped((all[index & ~1] ?? "").toLowerCase()));
  request.rawHeaders = [...kept, ...Object.entries(set).flat()];
}

/** Where to come back to after the sign-in: the page, not the answer that the client's router asks of it. */
function pathOf(request: IncomingMessage): string {
  const { pathname, searchParams } = new URL(`http://any${request.url ?? "/"}`);
  searchParams.delete("_rsc");
  return searchParams.size > 0 ? `${pathname}?${searchParams}` : pathname;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, sentence, headers }: Refusal,
): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  response.end(`${status} ${STATUS_CODES[status]}. ${sentence}\n`);
  dropRest(request);
}

/** Closing at once would reset the connection, and a client that is still sending would never read the answer. */
function dropRest(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), 2_000).unref();
  request.once("end", () => clearTimeout(timer));
  request.resume();
}
