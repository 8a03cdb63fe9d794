import type { Push } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type { PresenceSnapshot, PresenceView } from "@grandstand/shared/events/presence";
import { type Logger, pino } from "pino";
import { inject } from "vitest";
import type { Call } from "../../src/core/call.js";
import type { Caller } from "../../src/core/caller.js";
import type { Broadcaster, Connection } from "../../src/core/connection.js";
import type { FeedOptions } from "../../src/domains/presence/feed.js";
import { presenceHandlers } from "../../src/domains/presence/handlers.js";
import { Presence } from "../../src/domains/presence/presence.js";
import type { DomainDependencies } from "../../src/domains/shared/dependencies.js";
import type { PresenceSessionChange } from "../../src/domains/shared/presence-session.js";
import { CreationBudget } from "../../src/limits/creation-budget.js";
import { Hub } from "../../src/live/hub.js";
import { connectRedis } from "../../src/redis/client.js";
import { Keys } from "../../src/redis/keys.js";
import { fullPace, type Pace } from "../../src/redis/pace.js";
import { domainDependencies } from "./domain-dependencies.js";
import { freezableProxy } from "./freezable-proxy.js";
import { freshId } from "./names.js";
import { PresenceReplica } from "./presence-replica.js";

export interface PresenceNodeOptions {
  prefix: string;
  graceMs: number;
  leaseTtlMs?: number;
  feed?: Partial<FeedOptions>;
  /** Whether the node is idle, and how it then slows down. By default the node is never idle. */
  pace?: Pace;
  /** How many rooms a user may create in an hour; unlimited by default. */
  creationLimit?: number;
  /** Receives the changes of presence sessions, which are discarded by default. */
  note?: (changes: PresenceSessionChange[]) => Promise<void>;
}

/** The presence module of one node, whose connection to Redis the test can cut. */
export async function presenceNode(options: PresenceNodeOptions) {
  const proxy = await freezableProxy(inject("redisUrl"));
  /** The number of times that the node lost its lease. */
  let losses = 0;
  const log: Logger = pino({ level: "silent" });
  const warn = log.warn.bind(log);
  log.warn = ((...args: Parameters<typeof warn>) => {
    if (JSON.stringify(args).includes("lease of presence was lost")) losses += 1;
  }) as typeof log.warn;
  const redis = await connectRedis(proxy.url, log);
  const keys = new Keys(options.prefix);
  const dependencies: DomainDependencies = domainDependencies(
    { redis, keys },
    {
      presenceGraceMs: options.graceMs,
      pace: options.pace ?? fullPace,
      leaseTtlMs: options.leaseTtlMs ?? 15_000,
      creationBudget: new CreationBudget(
        options.creationLimit === undefined ? null : { points: options.creationLimit, windowSeconds: 3_600 },
        redis.commands,
        keys,
      ),
      presenceSessions: { note: options.note ?? (async () => {}), read: async () => [] },
      log,
    },
  );
  const { topics } = redis;
  const presence = new Presence(dependencies, options.feed);
  const queueLimits = { queuedBytes: 1e9, closeBytes: 1e9, closeMs: 60_000 };
  const hub = new Hub(topics, { presence: presence.feeds }, 0, queueLimits, 128);
  const handlers = presenceHandlers(dependencies, presence);
  await topics.start();
  await presence.start(topics);

  return {
    dependencies,
    presence,
    hub,
    handlers,
    proxy,
    get losses() {
      return losses;
    },
    set losses(count: number) {
      losses = count;
    },
    /** Opens a connection of a user. @param token further claims of the user's token */
    connect: (user: string, token: TokenClaims = {}) => new TestTab(user, token, presence, handlers),
    /** Follows a room until the node closes. */
    async observe(room: string, view?: PresenceView): Promise<PresenceReplica> {
      const connection = new TestConnection({ kind: "server", keyName: "test" });
      const request = { view, since: undefined };
      const { begin, snapshot, position } = await hub.subscribe(connection, `presence:${room}`, request);
      const replica = new PresenceReplica(snapshot as PresenceSnapshot);
      let [last, lastEpoch] = [position.offset, position.epoch];
      connection.onPush = ({ epoch, publications }) => {
        for (const publication of publications) {
          if (epoch === lastEpoch && publication.offset <= last)
            replica.faults.push("an offset did not rise");
          [last, lastEpoch] = [publication.offset, epoch];
          replica.apply(publication);
        }
      };
      begin();
      return replica;
    },
    /** Stops all traffic between the node and Redis. */
    cutOff(): void {
      proxy.freezeNew();
      proxy.freeze();
    },
    reconnect(): void {
      proxy.thawNew();
      proxy.cut();
    },
    async close(): Promise<void> {
      await presence.close();
      topics.stop();
      await redis.close();
      await proxy.close();
    },
  };
}

export type PresenceNode = Awaited<ReturnType<typeof presenceNode>>;

/** A broadcaster that sends to the members of a fan-out group one by one. */
class TestBroadcaster implements Broadcaster {
  readonly #groups = new Map<string, Set<Connection>>();

  join(group: string, connection: Connection): void {
    const members = this.#groups.get(group) ?? new Set<Connection>();
    this.#groups.set(group, members.add(connection));
  }

  leave(group: string, connection: Connection): void {
    this.#groups.get(group)?.delete(connection);
  }

  broadcast(group: string, push: Push): void {
    for (const connection of this.#groups.get(group) ?? []) connection.send(push);
  }
}

class TestConnection implements Connection {
  readonly transport = "websocket";
  readonly closedBy = "client";
  readonly id = freshId("connection");
  readonly broadcaster = new TestBroadcaster();
  readonly queuedBytes = 0;
  readonly address = "127.0.0.1";
  caller: Caller;
  onPush: (push: Push) => void = () => {};

  constructor(caller: Caller) {
    this.caller = caller;
  }

  send(push: Push): void {
    this.onPush(push);
  }

  onSubscriptionEnded(): void {}
  warn(): void {}
  close(): void {}
  terminate(): void {}
}

type TokenClaims = Pick<Caller & { kind: "user" }, "caps" | "role"> & { name?: string | null };

/** One browser tab of a user: a connection that calls the presence operations. */
export class TestTab {
  readonly user: string;
  readonly #presence: Presence;
  readonly #handlers: ReturnType<typeof presenceHandlers>;
  readonly #connection: TestConnection;

  constructor(
    user: string,
    { name = user, ...rights }: TokenClaims,
    presence: Presence,
    handlers: ReturnType<typeof presenceHandlers>,
  ) {
    this.user = user;
    this.#presence = presence;
    this.#handlers = handlers;
    const profile = { id: user, name, avatar: null, isGuest: false };
    this.#connection = new TestConnection({ kind: "user", user: profile, ...rights });
  }

  /**
   * @param onUndo receives a function that undoes this enter. On a real server, the dispatcher runs that function when the
   * handler succeeds only after the call's timeout
   */
  enter(room: string, state?: object | null, onUndo: (undo: () => void) => void = () => {}) {
    const call = this.#callUndoneBy(onUndo);
    const input = { room, ...(state !== undefined && { state: state as Record<string, never> | null }) };
    return this.#handlers["presence.enter"](input, call) as Promise<OutputOf<"presence.enter">>;
  }

  update(room: string, state: object | null, onUndo: (undo: () => void) => void = () => {}) {
    const input = { room, state: state as Record<string, never> };
    return this.#handlers["presence.update"](input, this.#callUndoneBy(onUndo));
  }

  leave(room: string) {
    return this.#handlers["presence.leave"]({ room }, this.#call);
  }

  close(): void {
    this.#presence.registry.onConnectionClosed(this.#connection);
  }

  #callUndoneBy(onUndo: (undo: () => void) => void): Call {
    return { ...this.#call, afterReply: (_then, undo) => onUndo(undo) };
  }

  get #call(): Call {
    const { caller } = this.#connection;
    return { caller, connection: this.#connection, idempotency: null, afterReply: () => {} };
  }
}
