import type { InputOf, OutputOf } from "@grandstand/shared/contract";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import type { CallOperation } from "./call-operation.js";
import { notEntered } from "./live/presence/own-presence.js";
import type { PresenceState } from "./live/presence/presence-state.js";
import {
  createLivePresence,
  type LivePresence,
  type LivePresences,
  type PresenceWatch,
} from "./live/presence/room-presence.js";

export type MembersPage = OutputOf<"presence.get">;
export type KeptMember = Omit<InputOf<"presence.keep">, "room" | "user">;
export type Whereabouts = OutputOf<"presence.lookup">["users"][number];

/**
 * One part of an app that is in a room. All that enter a room through one client are in it together, with one state. It
 * lasts over reconnects; what went wrong stands in the `error` of the live presence. The functions work without their
 * `this`.
 */
export interface Stay {
  readonly room: string;
  /**
   * Shows another state to the others. Of several changes in a row the last one wins.
   * @returns the member as it is shown, once the server has taken this state or a later one
   * @throws {GrandstandError}
   */
  readonly update: (state: PresenceState | null) => Promise<PresenceMember>;
  /** Ends it. The room is left a second after the last stay has ended. */
  readonly leave: () => void;
}

/** The presence of one room. What is a call is the operation `presence.<method>`, and rejects with a `GrandstandError`. */
export interface Presence {
  readonly room: string;
  /** Is in the room from now on, for as long as the client lives. @param state left as it is when not given */
  enter(state?: PresenceState | null): Stay;
  /** Shows another state to the others; a `conflict` when the client has not entered. */
  update(state: PresenceState | null): Promise<PresenceMember>;
  /** Leaves now, and ends every stay that began through this client. */
  leave(): Promise<void>;
  /** One page of members, in the order in which they came. */
  get(page?: Omit<InputOf<"presence.get">, "room">): Promise<MembersPage>;
  count(): Promise<number>;
  /** For servers: keeps a user in the room for a while, without a connection. */
  keep(user: string, options: KeptMember): Promise<PresenceMember>;
  /** For servers: ends what `keep` began. */
  drop(user: string): Promise<void>;
  /** Who is here, live; nothing is sent before somebody subscribes to it. */
  live(watch?: PresenceWatch): LivePresence;
}

export function createPresence(room: string, call: CallOperation, presences: LivePresences): Presence {
  return {
    room,
    enter: (state) => {
      const { update, release } = presences.open(room).own.enter(state);
      return { room, update, leave: release };
    },
    update: async (state) => {
      const present = presences.find(room);
      if (!present) throw notEntered(room);
      return present.own.update(state);
    },
    leave: async () => presences.find(room)?.own.leave(),
    get: (page = {}) => call("presence.get", { ...page, room }),
    count: async () => (await call("presence.count", { room })).count,
    keep: async (user, options) => (await call("presence.keep", { ...options, room, user })).member,
    drop: async (user) => void (await call("presence.drop", { room, user })),
    live: (watch) => createLivePresence(room, presences, watch),
  };
}
