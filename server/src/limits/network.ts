import { isIPv6 } from "node:net";

/**
 * The unit that limits count by: an IPv4 address, or the /64 network of an IPv6 address. A /64 is the smallest network that a
 * provider gives to one customer, who can use any address in it.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [before = "", after] = address.split("%", 1)[0]!.split("::");
  const first = before === "" ? [] : before.split(":");
  // What follows `::` matters only for the number of zeros that it stands for.
  const behind = after === undefined || after === "" ? 0 : groupCount(after);
  const groups =
    after === undefined ? first : [...first, ...Array<string>(8 - first.length - behind).fill("0")];
  const rest = after === undefined || after === "" ? [] : after.split(":");
  const network = [...groups, ...rest].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

/** A dotted IPv4 suffix counts as two groups. */
function groupCount(text: string): number {
  const groups = text.split(":");
  return groups.length + (groups.at(-1)!.includes(".") ? 1 : 0);
}
