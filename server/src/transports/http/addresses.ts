import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4, type Socket } from "node:net";

/**
 * Whose request it is. `X-Forwarded-For` is believed as far as trusted proxies wrote it: from its end, each of them names
 * who spoke to it. What stands before the first that is not trusted was written by a stranger, and is not read.
 */
export class Addresses {
  readonly #proxies = new BlockList();
  /** Whether there are trusted proxies at all. */
  readonly hasProxies: boolean;
  readonly #onForgery: (peer: string) => void;

  /**
   * @param trustedProxies addresses and CIDR ranges
   * @param onForgery called when the header comes from an address that is no trusted proxy
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

  /** The address of the client. Empty when its socket is gone. */
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

  /** The address of whoever holds the other end: a client's, or a proxy's. */
  ofSocket(socket: Socket): string {
    return plain(socket.remoteAddress ?? "");
  }

  /** Whether an address is that of a trusted proxy. */
  isProxy(address: string): boolean {
    return this.hasProxies && isIP(address) !== 0 && this.#proxies.check(address, familyOf(address));
  }

  #behind(peer: string, forwarded: string): string {
    let client = peer;
    for (const entry of forwarded.split(",").reverse()) {
      const address = plain(entry.trim());
      // A proxy that hides whom it speaks for stands for them all.
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.isProxy(client)) return client;
    }
    return client;
  }
}

/** An address without a port or brackets; IPv4 in its own form, in whatever it was wrapped. */
function plain(address: string): string {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  const wrapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1];
  return wrapped !== undefined && isIPv4(wrapped) ? wrapped : bare;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
