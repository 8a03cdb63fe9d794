import { expect, it } from "vitest";
import { readServerFacts } from "./server-check.js";

it.each([
  ["Redis", "redis_version:7.0.15\r\nredis_mode:cluster\r\n"],
  [
    "Valkey 8",
    "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.8\r\nserver_mode:cluster\r\n",
  ],
])("OP5: a server of a %s Cluster is detected as part of a Cluster", async (_, server) => {
  const facts = await readServerFacts(async (section) => (section === "server" ? server : "role:master\r\n"));
  expect(facts).toEqual({ mode: "cluster", primary: null, version: 7 });
});
