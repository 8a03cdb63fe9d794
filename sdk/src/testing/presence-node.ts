import type { Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { JsonObject } from "@grandstand/shared/json";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import type { ServedSocket } from "./served-sockets.js";
import type { Request, TestNode } from "./test-node.js";

const banned = new GrandstandError("forbidden", "You may not see this room");

/** The presence of one room on a `TestNode`, with handlers that reply as a real server does. */
export class PresenceNode {
  readonly room = "lobby";
  epoch = "one";
  offset = 0;
  /** The members in the order in which they joined, each with the offset of its join. */
  readonly members = new Map<string, { member: PresenceMember; at: number }>();
  /**
   * With up to this many members each change is published. With more, the test publishes digests with
   * `sendDigest`.
   */
  digestAbove = 200;
  /** How many members a snapshot contains. */
  firstMembers = 200;
  /** How many of the next calls of `presence.enter`, `update` and `leave` fail with `unavailable`. */
  failures = 0;
  /** Whether the room refuses `channel.subscribe` and `presence.enter`, `update` and `leave`. */
  isBanned = false;
  /** The connections in the room, each with its user. */
  readonly connections = new Map<ServedSocket, string>();
  readonly #node: TestNode;
  readonly #digest = new Map<string, "joined" | "left" | "updated">();

  /** @param me the user of the client under test */
  constructor(node: TestNode, me = "me") {
    this.#node = node;
    node.user = { id: me, name: "Me", avatar: null, isGuest: true };
    this.#serve("channel.subscribe", ({ input, socket }) => {
      const isCount = (input.view as { members: boolean }).members === false;
      void socket.join(isCount ? "counters" : "followers");
      void socket.leave(isCount ? "followers" : "counters");
      return { channel: input.channel, ...this.#opening(isCount) };
    });
    node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
    node.reply("presence.get", ({ cursor, limit }) => this.page(cursor as string, limit as number));
    this.#serve("presence.enter", ({ input, socket }) => {
      this.connections.set(socket, me);
      socket.once("disconnect", () => this.connections.delete(socket));
      const known = this.members.get(me)?.member;
      const state = input.state === undefined ? (known?.state ?? null) : (input.state as JsonObject | null);
      return { member: known ? this.update(me, state) : this.join(me, state) };
    });
    this.#serve("presence.update", ({ input, socket }) => {
      if (!this.connections.has(socket)) throw new GrandstandError("conflict", "not in the room");
      return { member: this.update(me, input.state as JsonObject | null) };
    });
    this.#serve("presence.leave", ({ socket }) => {
      const left = this.connections.delete(socket);
      if (left && this.connections.size === 0) this.leave(me);
      return { left };
    });
  }

  get mode(): "each" | "digest" {
    return this.members.size > this.digestAbove ? "digest" : "each";
  }

  /** The members on the server. */
  get list(): PresenceMember[] {
    return [...this.members.values()].map(({ member }) => member);
  }

  join(user: string, state: JsonObject | null = null): PresenceMember {
    this.offset += 1;
    const since = new Date(Date.UTC(2025, 0, 1) + this.offset).toISOString();
    const member = { user, state, since, profile: null };
    this.members.set(user, { member, at: this.offset });
    this.#publishChange("joined", user, member);
    return member;
  }

  leave(user: string): void {
    this.offset += 1;
    this.members.delete(user);
    this.#publishChange("left", user, { user });
  }

  update(user: string, state: JsonObject | null): PresenceMember {
    const known = this.members.get(user)!;
    this.offset += 1;
    const member = { ...known.member, state };
    this.members.set(user, { ...known, member });
    this.#publishChange("updated", user, member);
    return member;
  }

  /** Publishes what changed since the last digest. */
  sendDigest(): void {
    const users = (kind: string) => [...this.#digest].filter(([, one]) => one === kind).map(([user]) => user);
    const membersOf = (kind: string) => users(kind).map((user) => this.members.get(user)!.member);
    const changes = { joined: membersOf("joined"), left: users("left"), updated: membersOf("updated") };
    this.#digest.clear();
    this.publish("presence.digest", { count: this.members.size, ...changes });
  }

  /** Removes the client from the room and ends its subscription. */
  ban(user = "me"): void {
    this.isBanned = true;
    this.connections.clear();
    this.leave(user);
    this.publish("channel.ended", wireErrorOf(banned));
    this.#node.io.socketsLeave("followers");
  }

  publish(event: string, data: object, audience = "followers"): void {
    const publications: Publication[] = [{ offset: this.offset, event, data }];
    const push = { channel: `presence:${this.room}`, epoch: this.epoch, publications };
    this.#node.io.to(audience).emit("push", push);
  }

  page(cursor: string | undefined, limit: number) {
    const from = Number(cursor ?? 0);
    const rest = [...this.members.values()].filter(({ at }) => at > from);
    const page = rest.slice(0, limit);
    return {
      count: this.members.size,
      members: page.map(({ member }) => member),
      nextCursor: page.length < rest.length ? String(page.at(-1)!.at) : null,
      position: { epoch: this.epoch, offset: this.offset },
    };
  }

  #opening(isCount: boolean) {
    const { count, members, nextCursor, position } = this.page(undefined, this.firstMembers);
    const snapshot = isCount
      ? { mode: "count", count, members: [], nextCursor: null }
      : { mode: this.mode, count, members, nextCursor };
    return { position, recovered: false, snapshot };
  }

  #serve(operation: string, serve: (request: Request) => object): void {
    this.#node.answer(operation, (request) => {
      try {
        if (this.isBanned) throw banned;
        if (this.failures > 0 && request.operation !== "channel.subscribe") {
          this.failures -= 1;
          throw new GrandstandError("unavailable", "not now");
        }
        request.ack({ ok: true, data: serve(request) });
      } catch (error) {
        if (!(error instanceof GrandstandError)) throw error;
        request.ack({ ok: false, error: wireErrorOf(error) });
      }
    });
  }

  #publishChange(kind: "joined" | "left" | "updated", user: string, data: object): void {
    if (this.mode === "each") this.publish(`presence.${kind}`, data);
    else this.#note(kind, user);
  }

  /** A digest contains the net change of each user. */
  #note(kind: "joined" | "left" | "updated", user: string): void {
    const noted = this.#digest.get(user);
    if (noted === "joined" && kind === "left") this.#digest.delete(user);
    else if (noted === "left" && kind === "joined") this.#digest.set(user, "updated");
    else if (noted !== "joined" || kind !== "updated") this.#digest.set(user, kind);
  }
}
