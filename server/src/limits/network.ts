import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * The network by which the limits count an address: the address itself, or for IPv6 its /64, which is the least that a
 * provider assigns to one customer.
 */
export function networkOf(address: string): string {
  // The test for a colon comes first, because Node's `isIPv6` is a long regular expression.
  if (!address.includes(":") || !isIPv6(address)) return address;
  const network = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return `${network.map((part) => part.toString(16)).join(":")}::/64`;
}
