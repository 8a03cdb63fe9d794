import { expect, it } from "vitest";
import { parseRedisUrl } from "./redis-url.js";

it.each([
  ["redis://redis", { hosts: [{ host: "redis", port: 6_379 }], db: 0 }],
  ["redis://:pass@redis:7000/2", { hosts: [{ host: "redis", port: 7_000 }], password: "pass", db: 2 }],
  [
    "redis://app:pass@a:7000,[::1],c/1",
    {
      hosts: [
        { host: "a", port: 7_000 },
        { host: "::1", port: 6_379 },
        { host: "c", port: 6_379 },
      ],
      username: "app",
      password: "pass",
      db: 1,
    },
  ],
  [
    "rediss://:pass@a:7000,rediss://:pass@b:7001",
    {
      hosts: [
        { host: "a", port: 7_000 },
        { host: "b", port: 7_001 },
      ],
      password: "pass",
      tls: {},
      db: 0,
    },
  ],
  [
    "rediss://app:p%40ss%2F%25@[::1]:6380/",
    { hosts: [{ host: "::1", port: 6_380 }], username: "app", password: "p@ss/%", tls: {}, db: 0 },
  ],
  ["unix:///run/redis.sock", { hosts: [], path: "/run/redis.sock", db: 0 }],
  [
    "unix://app:pass@/run/redis.sock?db=3",
    { hosts: [], path: "/run/redis.sock", username: "app", password: "pass", db: 3 },
  ],
])("OP1: parses %s, and leaves the password out of `place`", (url, address) => {
  const { place, ...parsed } = parseRedisUrl(url);
  expect(parsed).toEqual(address);
  expect(place).not.toContain("pass");
});

it.each([
  ["redis:6379", "must begin with redis://"],
  ["redis://host/abc", "number of a database"],
  ["redis://host/3/4", "number of a database"],
  ["redis://host?db=1", "must not have a query"],
  ["redis://host:port", "must have the form"],
  ["redis://host:99999", "must have the form"],
  ["redis://", "followed by a host or a path"],
  ["unix://run/redis.sock", "must name the path"],
  ["unix:///run/redis.sock?db=x", "?db=<number>"],
  ["redis://a,rediss://b", "different kinds"],
  ["redis://a,unix:///run/redis.sock", "different kinds"],
  ["redis://:s3c@a,redis://b", "different kinds"],
  ["redis://a/1,redis://b/2", "different kinds"],
  ["redis://a,,b", "must have the form"],
  ["redis://:s3c%ret@host", "invalid percent-encoding"],
  ["redis://:s3c%E4@host", "invalid percent-encoding"],
  ["unix:///a.sock,unix:///b.sock", "only one is possible"],
  ["redis://:s3c@ret@host", "percent-encode"],
  ["redis://:s3c/ret@host", "percent-encode"],
  ["redis://:s3c?ret@host", "percent-encode"],
  ["redis://:s3c#ret@host", "percent-encode"],
])("OP1: refuses %s with an error that contains no part of its credentials", (url, rule) => {
  let message = "";
  try {
    parseRedisUrl(url);
  } catch (error) {
    ({ message } = error as Error);
  }
  expect(message).toContain(rule);
  expect(message).not.toMatch(/s3c|ret@/);
});
