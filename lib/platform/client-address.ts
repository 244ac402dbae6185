import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/**
 * Who is asking: the socket's address. Only when that is a configured proxy does X-Forwarded-For count, read from
 * the right, where our own proxies wrote: what stands left of the first stranger is the stranger's own invention.
 */
export function clientAddress(
  request: Pick<IncomingMessage, "headers" | "socket">,
  trustedProxies: string[],
): string {
  let address = plain(request.socket.remoteAddress ?? "");
  const hops = `${request.headers["x-forwarded-for"] ?? ""}`.split(",").map((hop) => plain(hop.trim()));
  while (isTrusted(address, trustedProxies)) {
    const hop = hops.pop();
    if (!hop || !isIP(hop)) break;
    address = hop;
  }
  return address || "unknown";
}

function isTrusted(address: string, trustedProxies: string[]): boolean {
  if (trustedProxies.length === 0 || !isIP(address)) return false;
  const list = new BlockList();
  for (const entry of trustedProxies) {
    const [net = "", prefix] = entry.split("/");
    const family = isIP(net) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(net, family);
    else list.addSubnet(net, Number(prefix), family);
  }
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** `::ffff:10.0.0.7` is 10.0.0.7, and some proxies add a port: 10.0.0.7:1234, [2001:db8::1]:1234. */
function plain(address: string): string {
  const bare =
    /^\[([^\]]+)\](:\d+)?$/.exec(address)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ?? address;
  return bare.replace(/^::ffff:(?=\d+\.)/i, "");
}
