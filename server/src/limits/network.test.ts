import { expect, it } from "vitest";
import { networkOf } from "./network.js";

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["1:2:3::7:8", "1:2:3:0::/64"],
  ["::1:2:3:4:5:6", "0:0:1:2::/64"],
  ["::1.2.3.4", "0:0:0:0::/64"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["", ""],
])(
  "AU5: limits count the address %j as the network %j, because an IPv6 customer has a whole network",
  (address, network) => {
    expect(networkOf(address)).toBe(network);
  },
);
