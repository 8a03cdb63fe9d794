import { expect, it } from "vitest";
import { keySlot } from "./key-slot.js";
import { Keys } from "./keys.js";

/** The part of a key that Redis Cloud hashes under its standard policy: from the first `{` to the last `}`. */
function standardTag(key: string): string {
  return /^.*?\{(.*)\}.*$/s.exec(key)?.[1] ?? key;
}

/** Ids of users may hold any character. */
const users = ["ann", "a}b", "{a}", "}{", "a:b", "ü"];

/** All key names in `keys`. Functions in `keys` are called: some with `user`, all others with a plain id. */
function namesIn(keys: object, user: string): string[] {
  return Object.entries(keys).flatMap(([name, value]) => {
    if (typeof value === "string") return [value];
    if (name === "pace") return [value("sent", user), value("typed", user)];
    if (name === "season") return namesIn(value("daily", "2026-01-01"), user);
    return [value("id")];
  });
}

it.each(users)(
  "OP5: the keys of one board, counter, room or user share a slot, as Redis and Redis Cloud hash them: user %j",
  (user) => {
    const keys = new Keys("gs");
    for (const owned of [keys.board("b"), keys.counter("c"), keys.user(user), keys.identity]) {
      expectOneSlot(namesIn(owned, user));
    }
    // Scripts of presence read the keys of the room's chat.
    expectOneSlot([...namesIn(keys.room("r"), user), ...namesIn(keys.presence("r"), user)]);
  },
);

function expectOneSlot(names: string[]): void {
  expect(new Set(names.map(keySlot)).size).toBe(1);
  expect(new Set(names.map(standardTag)).size).toBe(1);
}
