import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { Addresses } from "./addresses.js";

const proxies = ["10.0.0.0/8", "192.0.2.1", "2001:db8:f::/48"];

function addressOf(peer: string, forwarded?: string, trusted: string[] = proxies): [string, string[]] {
  const untrusted: string[] = [];
  const addresses = new Addresses(trusted, (from) => untrusted.push(from));
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return [
    addresses.of({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage),
    untrusted,
  ];
}

it.each([
  // Columns: the address of the peer, the header X-Forwarded-For, and the address of the client.
  ["203.0.113.7", undefined, "203.0.113.7"],
  ["::ffff:203.0.113.7", undefined, "203.0.113.7"],
  ["10.1.2.3", undefined, "10.1.2.3"],
  ["10.1.2.3", "203.0.113.7", "203.0.113.7"],
  ["::ffff:10.1.2.3", "203.0.113.7", "203.0.113.7"],
  ["2001:db8:f::9", "2001:db8::7", "2001:db8::7"],
  ["192.0.2.1", "203.0.113.7, 10.9.9.9", "203.0.113.7"],
  // Entries that the client sent itself come before those of the proxies.
  ["10.1.2.3", "1.1.1.1, 203.0.113.7", "203.0.113.7"],
  ["10.1.2.3", "10.0.0.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
  ["10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
  // Ports, brackets, and text that is not an address.
  ["10.1.2.3", "203.0.113.7:4711", "203.0.113.7"],
  ["10.1.2.3", "[2001:db8::7]:4711", "2001:db8::7"],
  ["10.1.2.3", "203.0.113.7, unknown", "10.1.2.3"],
  ["10.1.2.3", "", "10.1.2.3"],
  ["10.1.2.3", "1.1.1.1, , 10.0.0.2", "10.0.0.2"],
])("OP4: the client of a request from %s with X-Forwarded-For %j is %s", (peer, forwarded, client) => {
  expect(addressOf(peer, forwarded)).toEqual([client, []]);
});

it("OP4: X-Forwarded-For from an untrusted peer is ignored and reported", () => {
  expect(addressOf("203.0.113.9", "1.1.1.1")).toEqual(["203.0.113.9", ["203.0.113.9"]]);
  expect(addressOf("192.0.2.2", "1.1.1.1")).toEqual(["192.0.2.2", ["192.0.2.2"]]);
  expect(addressOf("10.1.2.3", "1.1.1.1", [])).toEqual(["10.1.2.3", ["10.1.2.3"]]);
});
