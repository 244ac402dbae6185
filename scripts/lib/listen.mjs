import { once } from "node:events";
import { createServer } from "node:http";
import { Stop } from "./sentences.mjs";

/**
 * Listens on every address of the list that the machine has, and answers the servers. The handler is there from the
 * first moment on: a request that comes while another address is being opened would never be answered.
 * @param {string[]} addresses
 * @param {number} port
 * @param {import("node:http").RequestListener} [handler]
 */
export async function listen(addresses, port, handler) {
  const servers = [];
  for (const address of addresses) {
    const server = createServer({
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
    });
    if (handler) server.on("request", handler);
    try {
      // ipv6Only: each address has its own server, so `::` must not take IPv4 as well.
      server.listen({ host: address, port, ipv6Only: true });
      await once(server, "listening");
      servers.push(server);
    } catch (fault) {
      // A machine without IPv6 goes on with the other address.
      if (["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(fault.code)) continue;
      for (const other of servers) other.close();
      throw new Stop(portSentence(fault, port));
    }
  }
  if (servers.length === 0)
    throw new Stop(`None of the addresses ${addresses.join(", ")} exists on this machine.`);
  return servers;
}

/**
 * Ends a start early, before minutes of building, when the port is taken.
 * @param {string[]} addresses
 * @param {number} port
 */
export async function checkPort(addresses, port) {
  for (const server of await listen(addresses, port)) {
    server.close();
    await once(server, "close");
  }
}

/** @param {NodeJS.ErrnoException} fault @param {number} port */
function portSentence(fault, port) {
  if (fault.code === "EADDRINUSE") {
    return `Port ${port} is in use by another program; stop that one, or choose another with PORT=${port + 1}.`;
  }
  if (fault.code === "EACCES")
    return `Port ${port} may not be used by this user; choose one above 1023 with PORT.`;
  return `Keyturn cannot listen on port ${port} (${fault.code}); choose another with PORT.`;
}
