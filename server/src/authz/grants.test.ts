import type { Right } from "@grandstand/shared/access";
import { describe, expect, it } from "vitest";
import type { Caller, Capability } from "../core/caller.js";
import { grantsOf, hasScope, isAllowed, mayFollow, mayModerate } from "./grants.js";

const ann = { id: "ann", name: null, avatar: null, isGuest: false };

function user(more: { caps?: Capability[]; role?: string } = {}): Caller {
  return { kind: "user", user: ann, ...more };
}

function cap(channels: string | string[], ...allow: Right[]): Capability {
  return { channels: [channels].flat(), allow };
}

function granted(caller: Caller, channel: string): Right[] {
  return [...grantsOf(caller, channel)].sort();
}

const server: Caller = { kind: "server", keyName: "game" };
const allRights: Right[] = ["moderate", "publish", "submit", "subscribe"];

describe("AU1: grantsOf", () => {
  it("returns all rights that at least one cap of the caller allows on the channel", () => {
    const caller = user({
      caps: [
        cap("chat:*", "subscribe"),
        cap(["leaderboard:a", "chat:a"], "publish"),
        cap("counter:*", "submit"),
      ],
    });
    expect(granted(caller, "chat:a")).toEqual(["publish", "subscribe"]);
    expect(granted(caller, "chat:b")).toEqual(["subscribe"]);
    expect(granted(caller, "leaderboard:b")).toEqual([]);
  });

  it("returns no rights for callers without caps: guests, users, servers, nobody", () => {
    const guest: Caller = { kind: "user", user: { ...ann, isGuest: true } };
    for (const caller of [guest, user(), user({ role: "admin" }), server, { kind: "nobody" } as const]) {
      expect(granted(caller, "chat:a")).toEqual([]);
    }
  });

  it("returns no rights on direct rooms of other users, unless the pattern names direct rooms", () => {
    const wide = user({ caps: [cap(["*", "chat:*", "chat:d*", "chat:dm*"], ...allRights)] });
    expect(granted(wide, "chat:dm:bo:cy")).toEqual([]);
    expect(granted(wide, "presence:dm:bo:cy")).toEqual([]);
    expect(granted(user({ caps: [cap("chat:dm:*", "moderate")] }), "chat:dm:bo:cy")).toEqual(["moderate"]);
    expect(granted(user({ caps: [cap("chat:dm:bo:cy", "subscribe")] }), "chat:dm:bo:cy")).toEqual([
      "subscribe",
    ]);
  });

  it("returns no rights on another user's own channel", () => {
    const wide = user({ caps: [cap(["*", "user:*", "user:bo"], ...allRights)] });
    expect(granted(wide, "user:bo")).toEqual([]);
  });
});

describe("AU1: the role `moderator`", () => {
  it("may moderate rooms and boards, but not counters and direct rooms of other users", () => {
    const caller = user({ role: "moderator" });
    expect(granted(caller, "chat:a")).toEqual(["moderate"]);
    expect(granted(caller, "leaderboard:a")).toEqual(["moderate"]);
    expect(granted(caller, "chat:dm:bo:cy")).toEqual([]);
    expect(granted(caller, "counter:a")).toEqual([]);
    expect(mayModerate(caller)).toBe(true);
  });

  it("has no effect on a token with caps", () => {
    const caller = user({ role: "moderator", caps: [cap("chat:a", "subscribe")] });
    expect(granted(caller, "chat:a")).toEqual(["subscribe"]);
    expect(granted(caller, "leaderboard:a")).toEqual([]);
    expect(mayModerate(caller)).toBe(false);
  });
});

it("AU1: a token with caps permits only what the caps list", () => {
  const caller = user({ caps: [cap("chat:team-*", "subscribe", "publish")] });
  expect(isAllowed(caller, ["subscribe"], "chat:team-a")).toBe(true);
  expect(isAllowed(caller, ["publish", "moderate"], "chat:team-a")).toBe(true);
  expect(isAllowed(caller, ["moderate"], "chat:team-a")).toBe(false);
  expect(isAllowed(caller, ["subscribe"], "chat:other")).toBe(false);
  expect(isAllowed(caller, [], "chat:team-a")).toBe(false);
  expect(isAllowed(user({ caps: [] }), ["subscribe"], "chat:team-a")).toBe(false);
  expect(isAllowed(user(), ["subscribe"], "chat:other")).toBe(true);
  // The wildcard also matches the caller's own direct rooms.
  expect(isAllowed(user({ caps: [cap("chat:*", "subscribe")] }), ["subscribe"], "chat:dm:ann:bo")).toBe(true);
});

it("AU1: a call on all ids with a prefix needs a pattern that matches all of them", () => {
  const lists = (...patterns: string[]) =>
    isAllowed(user({ caps: [cap(patterns, "subscribe")] }), ["subscribe"], "counter:*");
  expect(lists("counter:*")).toBe(true);
  expect(lists("*")).toBe(true);
  expect(lists("counter:a*")).toBe(false);
  expect(lists("counter:*a")).toBe(false);
  expect(lists("counter:a", "chat:*")).toBe(false);
  const some = isAllowed(
    user({ caps: [cap("counter:game-*", "subscribe")] }),
    ["subscribe"],
    "counter:game-1*",
  );
  expect(some).toBe(true);
});

it("AU1: a scope names one domain and `read`, `write` or `*`; only the scope `*` covers all domains", () => {
  expect(hasScope(undefined, "chat", "write")).toBe(true);
  expect(hasScope(["*"], "chat", "write")).toBe(true);
  expect(hasScope(["chat:*"], "chat", "write")).toBe(true);
  expect(hasScope(["chat:write"], "chat", "write")).toBe(true);
  expect(hasScope(["chat:write"], "chat", "read")).toBe(false);
  expect(hasScope(["chat:read", "counter:*", "*:write", "chat", "cha*"], "chat", "write")).toBe(false);
  expect(hasScope([], "chat", "read")).toBe(false);
});

it("AU1: to subscribe, a server with scopes needs the domain's read scope, and a user with caps needs `subscribe`", () => {
  expect(mayFollow({ kind: "nobody" }, "chat:a")).toBe(false);
  expect(mayFollow(server, "chat:a")).toBe(true);
  expect(mayFollow({ ...server, scopes: ["chat:write", "counter:read"] }, "chat:a")).toBe(false);
  expect(mayFollow({ ...server, scopes: ["chat:read"] }, "chat:a")).toBe(true);
  expect(mayFollow(user(), "chat:a")).toBe(true);
  expect(mayFollow(user({ caps: [cap("chat:a", "publish")] }), "chat:a")).toBe(false);
  expect(mayFollow(user({ caps: [cap("chat:a", "subscribe")] }), "chat:a")).toBe(true);
});
