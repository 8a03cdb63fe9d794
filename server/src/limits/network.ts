import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * What the limits count as one client. For IPv4 it is the address. For IPv6 it is the /64 network of the address, the
 * smallest network that a provider assigns to one customer.
 */
export function networkOf(address: string): string {
  // The test for a colon comes first, because Node's `isIPv6` runs a long regular expression.
  if (!address.includes(":") || !isIPv6(address)) return address;
  const network = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return `${network.map((part) => part.toString(16)).join(":")}::/64`;
}
