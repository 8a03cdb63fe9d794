import { ReplyError } from "ioredis";
import { expect, it } from "vitest";
import { isRedisUnavailable, refusalOf } from "./faults.js";

it.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", "OOM"],
  [
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "MISCONF",
  ],
  ["NOREPLICAS Not enough good replicas to write.", "NOREPLICAS"],
  ["READONLY You can't write against a read only replica. script: 1f, on @user_script:9.", "READONLY"],
  ["LOADING Redis is loading the dataset in memory", "LOADING"],
  ["WRONGPASS invalid username-password pair or user is disabled.", "WRONGPASS"],
  ["NOAUTH Authentication required.", "NOAUTH"],
  ["NOPERM User default has no permissions to run the 'set' command", "NOPERM"],
  ["ERR ACL failure in script: User default has no permissions to run the 'set' command", "NOPERM"],
  ["ERR The user executing the script can't run this command or subcommand script: 1f", "NOPERM"],
  [
    "ERR Error running script (call to f_1f): @user_script:3: @user_script: 3: -OOM command not allowed",
    "OOM",
  ],
])("OP3: the reply %j means that Redis refuses to serve", (message, code) => {
  const error = new ReplyError(message);
  expect([isRedisUnavailable(error), refusalOf(error)]).toEqual([true, code]);
});

it.each(["WRONGTYPE Operation against a key", "ERR value is not an integer", "NOSCRIPT No matching script"])(
  "the reply %j is an error of the call",
  (message) => {
    const error = new ReplyError(message);
    expect([isRedisUnavailable(error), refusalOf(error)]).toEqual([false, null]);
  },
);

it.each(["connect ECONNREFUSED 127.0.0.1:6379", "read ECONNRESET", "write EPIPE", "Connection is closed."])(
  "OP3: %j is an outage of Redis, unless the error's name says that another connection failed",
  (message) => {
    const other = Object.assign(new Error(message), { name: "OutboundError" });
    expect([new Error(message), other].map(isRedisUnavailable)).toEqual([true, false]);
  },
);
