import type { IncomingMessage } from "node:http";
import { isIP, isIPv4, type Socket } from "node:net";
import proxyAddr from "@fastify/proxy-addr";
import ipaddr from "ipaddr.js";

/**
 * Finds the address of a request's client. Each proxy appends an entry to `X-Forwarded-For`, so the header is
 * read from its end. Only entries that trusted proxies appended count: the client can send any entries before
 * those.
 */
export class Addresses {
  readonly hasProxies: boolean;
  readonly #trusts: (address: string) => boolean;
  /**
   * A cache. The remote address of a socket never changes, and reading it takes a tenth of the time that a node needs
   * for an operation.
   */
  readonly #ofSockets = new WeakMap<Socket, string>();
  readonly #onUntrusted: (peer: string) => void;

  /**
   * @param trustedProxies addresses and CIDR ranges
   * @param onUntrusted called when `X-Forwarded-For` comes from an address that is no trusted proxy
   */
  constructor(trustedProxies: readonly string[], onUntrusted: (peer: string) => void) {
    this.hasProxies = trustedProxies.length > 0;
    const trusts = this.hasProxies ? proxyAddr.compile([...trustedProxies]) : () => false;
    this.#trusts = (address) => trusts(address, 0);
    this.#onUntrusted = onUntrusted;
  }

  /** The address of the client; "" when the socket closed before its address was read. */
  of(request: IncomingMessage): string {
    const peer = this.ofSocket(request.socket);
    const forwarded = request.headers["x-forwarded-for"];
    if (forwarded === undefined) return peer;
    if (this.isProxy(peer)) return this.#clientBehind(peer, String(forwarded));
    this.#onUntrusted(peer);
    return peer;
  }

  /** The address of the other end of a socket: a client's or a proxy's. */
  ofSocket(socket: Socket): string {
    const known = this.#ofSockets.get(socket);
    if (known !== undefined) return known;
    const address = normalized(socket.remoteAddress ?? "");
    // A closed socket has no address any more.
    if (address !== "") this.#ofSockets.set(socket, address);
    return address;
  }

  isProxy(address: string): boolean {
    return isIP(address) !== 0 && this.#trusts(address);
  }

  #clientBehind(peer: string, forwarded: string): string {
    let client = peer;
    for (const entry of forwarded.split(",").reverse()) {
      const address = normalized(entry.trim());
      // A proxy may write "unknown" instead of an address. Then the address of the proxy counts as the
      // client's.
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.isProxy(client)) return client;
    }
    return client;
  }
}

/** An address without port and brackets. An IPv4 address that is mapped into IPv6 becomes plain IPv4. */
function normalized(address: string): string {
  if (isIPv4(address)) return address;
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  return isIP(bare) === 0 ? bare : ipaddr.process(bare).toString();
}
