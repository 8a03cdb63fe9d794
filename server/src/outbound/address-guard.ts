import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** The error for a host with an address to which the guard allows no request. */
export class RefusedAddress extends Error {
  constructor(host: string) {
    super(`the host ${host} has an address that is not public`);
    this.name = "RefusedAddress";
  }
}

/**
 * Refuses requests to private networks, loopback, link-local and other special
 * addresses, for URLs that callers chose. The connection goes to the address that
 * was checked, so that a later DNS answer with another address has no effect.
 */
export class AddressGuard {
  readonly #allowed: Range[];

  /** @param allowed addresses and CIDR ranges that are allowed although they are not public */
  constructor(allowed: readonly string[]) {
    this.#allowed = allowed.map((text) => (text.includes("/") ? ipaddr.parseCIDR(text) : wholeRange(text)));
  }

  /** Whether requests may go to an address. An IPv6 address that contains an IPv4 address counts as that IPv4 address. */
  allows(address: string): boolean {
    const parsed = embedded(ipaddr.parse(address));
    if (parsed.range() === "unicast") return true;
    return this.#allowed.some(
      ([range, bits]) => range.kind() === parsed.kind() && parsed.match(range as ipaddr.IPv4, bits),
    );
  }

  /**
   * Checks a URL whose host is an address, because Node.js connects to an address without calling `lookup`.
   * @throws {RefusedAddress}
   */
  checkLiteral({ hostname }: URL): void {
    const host = hostname.replace(/^\[|\]$/g, "");
    if (ipaddr.isValid(host) && !this.allows(host)) throw new RefusedAddress(host);
  }

  /** For `http.request`: resolves a host, and fails unless all of its addresses are allowed. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    lookup(host, {
      family: options.family === 4 || options.family === 6 ? options.family : 0,
      all: true,
    }).then(
      (found) => {
        if (found.length === 0 || !found.every(({ address }) => this.allows(address))) {
          callback(new RefusedAddress(host), "", 0);
        } else if (options.all) callback(null, found);
        else callback(null, found[0]!.address, found[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
}

function wholeRange(text: string): Range {
  const address = ipaddr.parse(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/** The IPv4 address in a mapped (`::ffff:`) or translated (`64:ff9b::`) IPv6 address. */
function embedded(address: Address): Address {
  if (address.kind() === "ipv4") return address;
  const inner = address as ipaddr.IPv6;
  if (inner.isIPv4MappedAddress()) return inner.toIPv4Address();
  if (inner.range() === "rfc6052") return ipaddr.fromByteArray(inner.toByteArray().slice(12));
  return address;
}
