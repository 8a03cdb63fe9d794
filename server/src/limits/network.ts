import { isIPv6 } from "node:net";

/**
 * Whom an address stands for in limits: itself, or with IPv6 its network of 64 bits, which is the least that one
 * customer of a provider gets, with any number of addresses in it.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [before = "", after] = address.split("%", 1)[0]!.split("::");
  const first = before === "" ? [] : before.split(":");
  // What stands behind `::` is only needed to know how many zeros that is.
  const behind = after === undefined || after === "" ? 0 : groupCount(after);
  const groups =
    after === undefined ? first : [...first, ...Array<string>(8 - first.length - behind).fill("0")];
  const rest = after === undefined || after === "" ? [] : after.split(":");
  const network = [...groups, ...rest].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

/** A dotted end counts as two. */
function groupCount(text: string): number {
  const groups = text.split(":");
  return groups.length + (groups.at(-1)!.includes(".") ? 1 : 0);
}
