import { isIP } from "node:net";
import { z } from "zod";

const wrongOrigin =
  "KEYTURN_URL must be https://… or a loopback origin such as http://localhost:3000, without a path; correct it.";

/** KEYTURN_URL: https, or http on loopback, where browsers grant a secure context all the same. */
export const origin = z
  .string()
  .transform((value) => parseUrl(value.trim()))
  .refine((url) => url !== undefined && isOrigin(url) && (url.protocol === "https:" || isLoopback(url)), {
    error: wrongOrigin,
  })
  .transform((url) => url as URL);

/** KEYTURN_TRUSTED_PROXIES: addresses or subnets whose X-Forwarded-For is believed. */
export const proxyList = z
  .string()
  .default("")
  .transform((value) => value.split(/[\s,]+/).filter(Boolean))
  .refine((entries) => entries.every(isAddressOrSubnet), {
    error:
      "KEYTURN_TRUSTED_PROXIES must list addresses or subnets such as 10.0.0.7, 10.1.0.0/16; correct or remove it.",
  });

/** All that follows from the public origin: names, hosts, and which addresses to listen on. */
export function originFacts(url: URL) {
  const loopback = isLoopback(url);
  const port = url.port && `:${url.port}`;
  const aliases = loopback ? ["localhost", "127.0.0.1", "[::1]"].map((name) => name + port) : [];
  return {
    origin: url.origin,
    rpId: url.hostname,
    allowedHosts: [...new Set([url.host, ...aliases])],
    allowedOrigins: [url.origin],
    loopback,
    secure: url.protocol === "https:",
    bindAddresses: loopback ? ["127.0.0.1", "::1"] : ["0.0.0.0", "::"],
  };
}

/** Where text messages are handed over: by TLS, or in the clear to a relay on this host. No secrets in the address. */
export function isGateway(value: string): boolean {
  const url = parseUrl(value);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}

function isOrigin(url: URL): boolean {
  return url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return /^https?:$/.test(protocol) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function isAddressOrSubnet(entry: string): boolean {
  const [address = "", prefix, ...rest] = entry.split("/");
  const family = isIP(address);
  if (!family || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** `URL.parse` is missing from the first releases of Node 20. */
export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
