import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4, type Socket } from "node:net";

/**
 * Determines the address of the client. `X-Forwarded-For` is read from its end: each trusted proxy appended the address of its
 * peer. The first address that is not a trusted proxy is the client; a client can forge everything before it.
 */
export class Addresses {
  readonly #proxies = new BlockList();
  /** Whether any proxy is trusted. */
  readonly hasProxies: boolean;
  readonly #onForgery: (peer: string) => void;

  /**
   * @param trustedProxies addresses and CIDR ranges
   * @param onForgery called when the header comes from an address that is not a trusted proxy
   */
  constructor(trustedProxies: readonly string[], onForgery: (peer: string) => void) {
    this.hasProxies = trustedProxies.length > 0;
    for (const range of trustedProxies) {
      const [address = "", prefix] = range.split("/");
      const family = familyOf(address);
      if (prefix === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(prefix), family);
    }
    this.#onForgery = onForgery;
  }

  /** The address of the client. Empty when its socket is closed. */
  of(request: IncomingMessage): string {
    const peer = this.ofSocket(request.socket);
    const forwarded = request.headers["x-forwarded-for"];
    if (forwarded === undefined) return peer;
    if (!this.isProxy(peer)) {
      this.#onForgery(peer);
      return peer;
    }
    return this.#behind(peer, String(forwarded));
  }

  /** The address of the peer: the client or a proxy. */
  ofSocket(socket: Socket): string {
    return plain(socket.remoteAddress ?? "");
  }

  /** Whether an address belongs to a trusted proxy. */
  isProxy(address: string): boolean {
    return this.hasProxies && isIP(address) !== 0 && this.#proxies.check(address, familyOf(address));
  }

  #behind(peer: string, forwarded: string): string {
    let client = peer;
    for (const entry of forwarded.split(",").reverse()) {
      const address = plain(entry.trim());
      // A proxy that does not name its peer counts as the client.
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.isProxy(client)) return client;
    }
    return client;
  }
}

/** Removes port and brackets from an address, and unwraps IPv4-mapped IPv6. */
function plain(address: string): string {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  const wrapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1];
  return wrapped !== undefined && isIPv4(wrapped) ? wrapped : bare;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
