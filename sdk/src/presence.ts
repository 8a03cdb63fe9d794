import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { CallOperation, CallOptions } from "./call-operation.js";
import type { LazyLive } from "./live/lazy-live.js";
import type { Entrant } from "./live/presence/own-presence.js";
import { notEntered, type PresenceState } from "./live/presence/presence-state.js";
import { createLivePresence, type LivePresence, type PresenceWatch } from "./live/presence/presence-view.js";
import type { LivePresences } from "./live/presence/room-presence.js";

export type MembersPage = OutputOf<"presence.get">;
export type KeptMember = Omit<InputOf<"presence.keep">, "room" | "user">;
export type Whereabouts = OutputOf<"presence.lookup">["users"][number];

/**
 * The stay of one part of an app, such as a component, in a room. The client is in the room while it has at
 * least one stay there. All stays of a client in a room share one state. The client enters again after a
 * reconnect. Failures appear as `error` of the live presence. The functions work without `this`.
 */
export interface Stay {
  readonly room: string;
  /**
   * Changes the state that other users see. If several changes follow in quick succession, the client may skip
   * all but the last one.
   * @returns the member as other users see it, once the server has accepted this state or a later one
   * @throws {GrandstandError} `conflict` after `leave`, or the server's error
   */
  readonly update: (state: PresenceState | null) => Promise<PresenceMember>;
  /** Ends this stay. The client leaves the room one second after its last stay has ended. */
  readonly leave: () => void;
}

/** The presence of one room. The methods reject with a `GrandstandError`. */
export interface Presence {
  readonly room: string;
  /**
   * Enters the room and stays until `leave()` or until the client is closed.
   * @param state the state that other users see; omit it to keep the current state
   */
  enter(state?: PresenceState | null): Stay;
  /** Changes the state that other users see. Fails with `conflict` if the client has not entered the room. */
  update(state: PresenceState | null): Promise<PresenceMember>;
  /** Leaves the room immediately and ends every stay of this client in it. */
  leave(): Promise<void>;
  /** One page of members, in the order in which they joined. */
  get(page?: Omit<InputOf<"presence.get">, "room">, callOptions?: CallOptions): Promise<MembersPage>;
  count(callOptions?: CallOptions): Promise<number>;
  /** For servers: makes a user a member of the room without a connection, until the TTL in `options` is over. */
  keep(user: string, options: KeptMember, callOptions?: CallOptions): Promise<PresenceMember>;
  /** For servers: removes a member that `keep` added, before its TTL ends. */
  drop(user: string, callOptions?: CallOptions): Promise<void>;
  /** A live view of the members. It subscribes on the server when its first listener subscribes. */
  live(watch?: PresenceWatch): LivePresence;
}

export function createPresence(
  room: string,
  call: CallOperation,
  presences: LazyLive<LivePresences>,
): Presence {
  return {
    room,
    enter: (state) => {
      let entrant: Entrant | null = null;
      const leave = presences.use((live) => {
        const entered = live.open(room).own.enter(state);
        entrant = entered;
        return () => entered.release();
      });
      const update: Stay["update"] = async (next) => {
        if (!presences.loaded) await presences.pending;
        if (!entrant) throw notEntered(room);
        return entrant.update(next);
      };
      return { room, update, leave };
    },
    update: async (state) => {
      const entered = (presences.loaded ?? (await presences.pending))?.find(room);
      if (!entered) throw notEntered(room);
      return entered.own.update(state);
    },
    leave: async () => (presences.loaded ?? (await presences.pending))?.find(room)?.own.leave(),
    get: (page = {}, callOptions) => call("presence.get", { ...page, room }, callOptions),
    count: async (callOptions) => (await call("presence.count", { room }, callOptions)).count,
    keep: async (user, options, callOptions) =>
      (await call("presence.keep", { ...options, room, user }, callOptions)).member,
    drop: async (user, callOptions) => void (await call("presence.drop", { room, user }, callOptions)),
    live: (watch) => createLivePresence(room, presences, watch),
  };
}
