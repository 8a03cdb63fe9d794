import type { Publication } from "@grandstand/shared/channels";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyChanges,
  contentOf,
  contradictsCount,
  firstMembers,
  knownCount,
  type PresenceContent,
  withPage,
} from "./presence-content.js";

const epoch = "one";

function memberOf(user: string, since = 1, version = 0): PresenceMember {
  const at = new Date(Date.UTC(2025, 0, 1) + since).toISOString();
  return { user, state: { version }, since: at, profile: null };
}

function opened(users: string[], mode: "each" | "digest" = "each", nextCursor: string | null = null) {
  const members = users.map((user) => memberOf(user));
  return contentOf({ mode, count: users.length, members, nextCursor }, { epoch, offset: 10 });
}

function published(offset: number, event: string, data: object): Publication {
  return { offset, event: `presence.${event}`, data };
}

function usersOf(content: PresenceContent | null): string[] {
  return firstMembers(content!, 10_000).map(({ user }) => user);
}

it("OP8: a rename changes a member's profile and adds no member, also on a page that is being read", () => {
  const profile = { name: "Countess", avatar: null };
  const rename = { offset: 10, event: "profile.updated", data: { user: "bo", profile } };
  const content = opened(["ann", "bo"], "each", "one:2");
  const renamed = applyChanges(content, epoch, [rename])!;
  expect(firstMembers(renamed, 9)).toEqual([memberOf("ann"), { ...memberOf("bo"), profile }]);
  expect({ count: renamed.count, mode: renamed.mode }).toEqual({ count: 2, mode: "each" });
  const page = { members: [memberOf("bo")], nextCursor: null, position: { epoch, offset: 10 } };
  expect(firstMembers(withPage(content, page, [rename])!, 9)).toContainEqual({ ...memberOf("bo"), profile });
  const unknown = { ...rename, data: { user: "dee", profile } };
  expect(usersOf(applyChanges(content, epoch, [unknown]))).toEqual(["ann", "bo"]);
});

describe("PR7 the content of a followed room", () => {
  it("follows a room from single changes to digests to counts, and counts a repeated join once", () => {
    let content = opened(["ann", "bo"]);
    content = applyChanges(content, epoch, [
      published(11, "joined", memberOf("cy", 2)),
      published(12, "left", { user: "ann" }),
    ])!;
    expect(content).toMatchObject({ mode: "each", count: 2 });
    expect(usersOf(content)).toEqual(["bo", "cy"]);
    // A node that was cut off from Redis may publish a join again. The repeat changes nothing.
    content = applyChanges(content, epoch, [published(12, "joined", memberOf("cy", 2))])!;
    expect(content.count).toBe(2);
    const digest = { count: 300, joined: [memberOf("di", 3)], left: ["bo"], updated: [memberOf("cy", 2, 7)] };
    content = applyChanges(content, epoch, [published(400, "digest", digest)])!;
    expect(content).toMatchObject({ mode: "digest", count: 300 });
    expect(firstMembers(content, 10)).toEqual([memberOf("cy", 2, 7), memberOf("di", 3)]);
    content = applyChanges(content, epoch, [published(9_000, "count", { count: 6_000 })])!;
    expect(content).toMatchObject({ mode: "count", count: 6_000, nextCursor: null });
    expect(knownCount(content)).toBe(0);
  });

  it("keeps the mode `each` when a small room publishes a digest of missed changes", () => {
    const digest = { count: 2, joined: [memberOf("cy", 2)], left: ["ann"], updated: [memberOf("bo", 1, 3)] };
    const content = applyChanges(opened(["ann", "bo"]), "two", [published(4, "digest", digest)]);
    expect(content).toMatchObject({ mode: "each", count: 2 });
    expect(firstMembers(content!, 10)).toEqual([memberOf("bo", 1, 3), memberOf("cy", 2)]);
  });

  it("ignores updates of members that were not read yet, but adds members that join", () => {
    const content = applyChanges(opened(["ann"], "digest", "1"), epoch, [
      published(11, "digest", {
        count: 5,
        joined: [memberOf("new", 9)],
        left: ["far"],
        updated: [memberOf("off")],
      }),
    ]);
    expect(usersOf(content)).toEqual(["ann", "new"]);
  });

  it("puts a member that left and returned between two digests last", () => {
    const digest = { count: 2, joined: [], left: [], updated: [memberOf("ann", 5)] };
    expect(
      usersOf(applyChanges(opened(["ann", "bo"], "digest"), epoch, [published(11, "digest", digest)])),
    ).toEqual(["bo", "ann"]);
  });

  it("applies changes of another epoch, but returns null if pages are left to read", () => {
    const next = applyChanges(opened(["ann", "bo"]), "two", [published(3, "left", { user: "ann" })])!;
    expect(next).toMatchObject({ epoch: "two", count: 1 });
    expect(usersOf(next)).toEqual(["bo"]);
    expect(
      applyChanges(opened(["ann"], "digest", "1"), "two", [published(3, "left", { user: "bo" })]),
    ).toBeNull();
  });

  it("adds a member that returned since the last page, although a digest lists it only as updated", () => {
    const digest = { count: 2, joined: [], left: [], updated: [memberOf("bo", 5)] };
    const asked = opened(["ann"], "digest", "1");
    const page = { members: [], nextCursor: null, position: { epoch, offset: 15 } };
    const late = published(20, "digest", digest);
    expect(usersOf(withPage(applyChanges(asked, epoch, [late])!, page, [late]))).toEqual(["ann", "bo"]);
    const read = withPage(asked, page, [])!;
    expect(usersOf(applyChanges(read, epoch, [late]))).toEqual(["ann", "bo"]);
  });

  it("contradicts its count if all pages were read and the number of members differs", () => {
    const ghost = withPage(
      opened(["ann"], "digest", "1"),
      { members: [memberOf("bo", 5)], nextCursor: null, position: { epoch, offset: 15 } },
      [],
    )!;
    expect(contradictsCount(ghost)).toBe(true);
    expect(contradictsCount(opened(["ann"], "digest", "1"))).toBe(false);
    expect(contradictsCount(opened(["ann"], "digest"))).toBe(false);
    const counted = applyChanges(ghost, epoch, [published(20, "count", { count: 9_000 })])!;
    expect(contradictsCount(counted)).toBe(false);
  });

  it("contradicts its count until a publication resolves the difference", () => {
    const page = { members: [memberOf("bo", 5)], nextCursor: null, position: { epoch, offset: 15 } };
    const ghost = withPage(opened(["ann"], "digest", "1"), page, [])!;
    const grown = applyChanges(ghost, epoch, [published(20, "joined", memberOf("cy", 6))])!;
    expect(grown).toMatchObject({ mode: "each", count: 2 });
    expect(usersOf(grown)).toEqual(["ann", "bo", "cy"]);
    expect(contradictsCount(grown)).toBe(true);
    // The page was read after Bo joined, but the publication of the join arrives after the page. The publication makes the
    // count right.
    const ahead = applyChanges(ghost, epoch, [published(15, "joined", memberOf("bo", 5))])!;
    expect(ahead).toMatchObject({ count: 2 });
    expect(contradictsCount(ahead)).toBe(false);
    // A node that was cut off publishes a digest even in the mode `each`. The count of the digest shows whether
    // the list is right.
    const cut = withPage(opened(["ann"], "each", "1"), page, [])!;
    const digest = { count: 1, joined: [], left: [], updated: [memberOf("ann", 1, 3)] };
    expect(contradictsCount(applyChanges(cut, epoch, [published(20, "digest", digest)])!)).toBe(true);
    const named = applyChanges(cut, epoch, [published(20, "digest", { ...digest, left: ["bo"] })])!;
    expect(usersOf(named)).toEqual(["ann"]);
    expect(contradictsCount(named)).toBe(false);
  });

  it("contradicts its count if more members are known than the room has, even before all pages were read", () => {
    const part = opened(["ann", "bo"], "digest", "2");
    expect(contradictsCount(part)).toBe(false);
    const digest = { count: 1, joined: [], left: ["far"], updated: [] };
    expect(contradictsCount(applyChanges(part, epoch, [published(20, "digest", digest)])!)).toBe(true);
  });

  it("keeps the place that a page gave a member if a later digest contains the member too", () => {
    const page = {
      members: [memberOf("bo", 5), memberOf("ann", 6)],
      nextCursor: null,
      position: { epoch, offset: 15 },
    };
    const digest = { count: 2, joined: [memberOf("bo", 5)], left: [], updated: [memberOf("ann", 6)] };
    const read = withPage(opened(["ann"], "digest", "1"), page, [])!;
    expect(usersOf(applyChanges(read, epoch, [published(15, "digest", digest)]))).toEqual(["bo", "ann"]);
  });

  it("ignores a page once the room publishes only the count", () => {
    const page = { members: [memberOf("bo")], nextCursor: "2", position: { epoch, offset: 25 } };
    const count = published(20, "count", { count: 9_000 });
    const content = applyChanges(opened(["ann"], "digest", "1"), epoch, [count])!;
    expect(withPage(content, page, [count])).toMatchObject({ mode: "count", count: 9_000, nextCursor: null });
    expect(usersOf(withPage(content, page, [count]))).toEqual([]);
  });

  it("returns null for a page of another epoch or without a position", () => {
    const content = opened(["ann"], "digest", "1");
    const page = { members: [memberOf("bo")], nextCursor: null };
    expect(withPage(content, { ...page, position: null }, [])).toBeNull();
    expect(withPage(content, { ...page, position: { epoch: "two", offset: 1 } }, [])).toBeNull();
  });

  it("ignores an event of a newer server", () => {
    expect(applyChanges(opened(["ann"]), epoch, [published(11, "waved", { user: "ann" })])).toEqual(
      opened(["ann"]),
    );
  });
});

/**
 * The model of a room on the server. The state of a member holds the offset of its last change as `version`.
 */
class Room {
  offset = 0;
  readonly members = new Map<string, { member: PresenceMember; at: number }>();

  change(user: string): Publication {
    const known = this.members.get(user);
    this.offset += 1;
    if (known && this.offset % 3 > 0) {
      this.members.delete(user);
      return published(this.offset, "left", { user });
    }
    const member = { ...(known?.member ?? memberOf(user, this.offset)), state: { version: this.offset } };
    this.members.set(user, { member, at: known?.at ?? this.offset });
    return published(this.offset, known ? "updated" : "joined", member);
  }

  page(cursor: string | null, limit: number) {
    const rest = [...this.members.values()].filter(({ at }) => at > Number(cursor));
    const page = rest.slice(0, limit);
    const nextCursor = page.length < rest.length ? String(page.at(-1)!.at) : null;
    return {
      members: page.map(({ member }) => member),
      nextCursor,
      position: { epoch, offset: this.offset },
    };
  }

  get list(): PresenceMember[] {
    return [...this.members.values()].map(({ member }) => member);
  }
}

/**
 * The model of a room that publishes single changes or digests. Above four members, it publishes digests. At the
 * first digest with at most three members, it returns to single changes.
 */
class DigestRoom extends Room {
  mode: "each" | "digest" = "each";
  readonly pushes: Publication[] = [];
  readonly #published = new Map<string, PresenceMember>();
  readonly #pending = new Set<string>();

  override change(user: string): Publication {
    const publication = super.change(user);
    if (this.mode === "each" && this.members.size <= 4) {
      this.pushes.push(publication);
      this.#note(user);
    } else {
      this.mode = "digest";
      this.#pending.add(user);
    }
    return publication;
  }

  /**
   * Publishes a digest of the net change of each user. A user who joined and left since the last digest is
   * not in it.
   */
  sendDigest(): void {
    if (this.mode === "each") return;
    if (this.members.size <= 3) this.mode = "each";
    const digest = { count: this.members.size, joined: [], left: [], updated: [] } as {
      count: number;
      joined: PresenceMember[];
      left: string[];
      updated: PresenceMember[];
    };
    for (const user of [...this.#pending].sort((one, other) => this.#stayOf(one) - this.#stayOf(other))) {
      const [before, now] = [this.#published.get(user), this.members.get(user)?.member];
      if (!before && now) digest.joined.push(now);
      if (before && !now) digest.left.push(user);
      if (before && now && before !== now) digest.updated.push(now);
      this.#note(user);
    }
    this.#pending.clear();
    const { joined, left, updated } = digest;
    if (joined.length + left.length + updated.length > 0) {
      this.pushes.push(published(this.offset, "digest", digest));
    }
  }

  #note(user: string): void {
    const now = this.members.get(user)?.member;
    if (now) this.#published.set(user, now);
    else this.#published.delete(user);
  }

  #stayOf(user: string): number {
    return this.members.get(user)?.at ?? 0;
  }
}

/**
 * `change`: a user joins, changes its state or leaves · `hear`: the client gets the next push · `ask`: the
 * client requests a page · `make`: the server reads the page · `answer`: the client gets the page.
 */
type Step = { kind: "change"; user: number } | { kind: "hear" | "ask" | "make" | "answer" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("change" as const), user: fc.nat(11) }) },
  { weight: 4, arbitrary: fc.constant({ kind: "hear" as const }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom("ask" as const, "make" as const, "answer" as const).map((kind) => ({ kind })),
  },
);

it("PR7 pages and pushes lead to the same list in any order, and no member's state ever goes back to an earlier version", () => {
  fc.assert(
    fc.property(fc.nat(8), fc.array(step, { maxLength: 60 }), (first, steps) => {
      const room = new Room();
      for (let user = 0; user < first; user += 1) room.change(`user ${user}`);
      const { members, nextCursor } = room.page(null, 2);
      const position = { epoch, offset: room.offset };
      let content = contentOf({ mode: "digest", count: room.members.size, members, nextCursor }, position);
      const pushes: Publication[] = [];
      let since: Publication[] | null = null;
      let page: ReturnType<Room["page"]> | null = null;
      const versions = new Map<string, number>();

      const hold = (next: PresenceContent) => {
        for (const { user, state } of firstMembers(next, 100)) {
          const version = state!.version as number;
          expect(version).toBeGreaterThanOrEqual(versions.get(user) ?? 0);
          versions.set(user, version);
        }
        content = next;
      };
      const hear = () => {
        const push = pushes.shift();
        if (!push) return;
        since?.push(push);
        hold(applyChanges(content, epoch, [push])!);
      };
      const ask = () => {
        if (content.nextCursor !== null) since ??= [];
      };
      const make = () => {
        if (since) page ??= room.page(content.nextCursor, 2);
      };
      const answer = () => {
        if (!since || !page) return;
        hold(withPage(content, page, since)!);
        since = page = null;
      };

      for (const { kind, ...rest } of steps) {
        if (kind === "change") pushes.push(room.change(`user ${(rest as { user: number }).user}`));
        else ({ hear, ask, make, answer })[kind]();
      }
      while (content.nextCursor !== null) {
        ask();
        make();
        answer();
      }
      while (pushes.length > 0) hear();
      expect(firstMembers(content, 100)).toEqual(room.list);
    }),
    {
      numRuns: 2_000,
      // A member of the first page left, joined again, and is on the next page too.
      examples: [[3, [0, 0, 0].map((user) => ({ kind: "change" as const, user }))]],
    },
  );
});

/** The steps of `Step`, and `digest`: the server publishes a digest. */
type DigestStep = { kind: "change"; user: number } | { kind: "digest" | "hear" | "ask" | "make" | "answer" };

const kinds = ["digest", "hear", "ask", "make", "answer"] as const;
const digestStep: fc.Arbitrary<DigestStep> = fc.oneof(
  fc.record({ kind: fc.constant("change" as const), user: fc.nat(6) }),
  fc.constantFrom(...kinds).map((kind) => ({ kind })),
);

it("PR7 a list whose pages were all read and whose count fits contains exactly the members", () => {
  fc.assert(
    fc.property(fc.nat(7), fc.array(digestStep, { maxLength: 60 }), (first, steps) => {
      const room = new DigestRoom();
      for (let user = 0; user < first; user += 1) room.change(`user ${user}`);
      room.sendDigest();
      room.pushes.length = 0;
      const { members, nextCursor } = room.page(null, 2);
      const opening = { mode: room.mode, count: room.members.size, members, nextCursor };
      let content = contentOf(opening, { epoch, offset: room.offset });
      let since: Publication[] | null = null;
      let page: ReturnType<Room["page"]> | null = null;
      const does = {
        digest: () => room.sendDigest(),
        hear: () => {
          const push = room.pushes.shift();
          if (!push) return;
          since?.push(push);
          content = applyChanges(content, epoch, [push])!;
        },
        ask: () => {
          if (content.nextCursor !== null) since ??= [];
        },
        make: () => {
          if (since) page ??= room.page(content.nextCursor, 2);
        },
        answer: () => {
          if (!since || !page) return;
          content = withPage(content, page, since)!;
          since = page = null;
        },
      };

      for (const taken of steps) {
        if (taken.kind === "change") room.change(`user ${taken.user}`);
        else does[taken.kind]();
      }
      while (content.nextCursor !== null) {
        does.ask();
        does.make();
        does.answer();
      }
      room.sendDigest();
      while (room.pushes.length > 0) does.hear();
      if (contradictsCount(content)) return;
      expect(firstMembers(content, 100)).toEqual(room.list);
      expect(content.count).toBe(room.members.size);
    }),
    {
      numRuns: 4_000,
      // User 4 joins and leaves between two digests, so no digest names this user. The page that was read in
      // between contains the user. Then the room returns to single changes.
      examples: [
        [
          4,
          [
            ...[4, 0, 2].map((user) => ({ kind: "change" as const, user })),
            { kind: "ask" },
            { kind: "make" },
            { kind: "change", user: 4 },
          ],
        ],
      ],
    },
  );
});
