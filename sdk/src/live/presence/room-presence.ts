import type { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceMember } from "@grandstand/shared/events/presence";
import { type LiveChannel, LiveChannels } from "../channel/live-channels.js";
import { Viewers } from "../channel/viewers.js";
import { OwnPresence, type OwnPresenceWire } from "./own-presence.js";
import { firstMembers, knownCount, type PresenceContent } from "./presence-content.js";
import { type LivePresenceState, loadingPresence } from "./presence-state.js";
import { WatchedPresence, type WatchedPresenceWire } from "./watched-presence.js";

export type PresenceWire = OwnPresenceWire & WatchedPresenceWire;

/** The rooms that a client is in, or whose members it follows. */
export class LivePresences extends LiveChannels<RoomPresence> {
  constructor(wire: PresenceWire) {
    super("presence:", (room, onUnused) => new RoomPresence(room, wire, onUnused));
  }

  override onRefreshed(): void {
    for (const room of this.all) room.onRefreshed();
  }
}

/** The last state shown to viewers with the same `limit`, and the content from which that state was derived. */
interface Shown {
  content: PresenceContent | null;
  members: readonly PresenceMember[];
  state: LivePresenceState;
}

const nothingShown: Shown = { content: null, members: loadingPresence.members, state: loadingPresence };

interface Viewer {
  readonly listener: () => void;
  readonly limit: number;
  /** The state of which the listener was last notified. */
  seen: LivePresenceState;
}

/** A room that a client is in, or whose members it follows. Its state combines both. */
export class RoomPresence implements LiveChannel {
  readonly own: OwnPresence;
  readonly subscription: LiveChannel["subscription"] = {
    onLive: () => {
      // The client enters first, so that the list of members that is read next contains the client's user.
      this.own.onLive();
      this.#watched.subscription.onLive();
    },
    onLost: () => {
      this.own.onLost();
      this.#watched.subscription.onLost();
    },
    onPush: (push) => this.#watched.subscription.onPush(push),
    retry: () => {
      this.own.retry();
      this.#watched.subscription.retry();
    },
  };
  readonly #watched: WatchedPresence;
  readonly #onUnused: (room: RoomPresence) => void;
  readonly #viewers = new Viewers<Viewer>(() => this.#want());
  /** What was last shown for each limit. */
  readonly #shown = new Map<number, Shown>();
  #isOver = false;

  constructor(room: string, wire: PresenceWire, onUnused: (room: RoomPresence) => void) {
    this.#onUnused = onUnused;
    const onChange = () => this.#onChange();
    this.own = new OwnPresence(room, wire, onChange, () => this.#onEntered());
    this.#watched = new WatchedPresence(room, wire, onChange, (error) => this.own.doubt(error));
  }

  /** @param limit how many members to show; 0 for only their number */
  stateOf(limit: number): LivePresenceState {
    const before = this.#shown.get(limit) ?? nothingShown;
    const shown = this.#show(limit, before);
    if (shown !== before) this.#shown.set(limit, shown);
    return shown.state;
  }

  listen(listener: () => void, limit: number): () => void {
    return this.#viewers.listen({ listener, limit, seen: this.stateOf(limit) });
  }

  end(error: GrandstandError): void {
    this.#isOver = true;
    this.#viewers.end();
    this.own.end(error);
    this.#watched.end(error);
  }

  /** The connection has another token. */
  onRefreshed(): void {
    this.own.review();
    this.#watched.subscription.retry();
  }

  reopen(): void {
    this.#isOver = false;
    this.#viewers.reopen();
    this.own.reopen();
    this.#watched.reopen();
    this.#want();
  }

  #want(): void {
    const limits = this.#viewers.all.map(({ limit }) => limit);
    this.#watched.want(limits.length === 0 ? null : Math.max(...limits));
  }

  /** Retries a refused subscription: a client that was let into the room may also be allowed to see it. */
  #onEntered(): void {
    if (this.#watched.known.status === "failed") this.#watched.subscription.retry();
  }

  #onChange(): void {
    for (const viewer of this.#viewers.attached) {
      const state = this.stateOf(viewer.limit);
      if (state === viewer.seen) continue;
      viewer.seen = state;
      viewer.listener();
    }
    // The room of a closed client stays, so that its state remains `failed`.
    if (!this.#isOver && this.own.isIdle && this.#watched.isIdle) this.#onUnused(this);
  }

  #show(limit: number, before: Shown): Shown {
    const { content, status, error } = this.#watched.known;
    const members = before.content === content ? before.members : membersOf(content, limit);
    const state: LivePresenceState = {
      status,
      mode: content?.mode ?? null,
      count: content?.count ?? 0,
      members,
      isComplete: content !== null && isWhole(content) && members.length === content.count,
      isIn: this.own.isIn,
      state: this.own.state,
      error: error ?? this.own.error,
    };
    if (isSame(before.state, state)) {
      return before.content === content ? before : { ...before, content };
    }
    return { content, members, state };
  }
}

function membersOf(content: PresenceContent | null, limit: number): readonly PresenceMember[] {
  const members = content ? firstMembers(content, limit) : [];
  return members.length === 0 ? loadingPresence.members : members;
}

/** Whether every member is known. */
function isWhole(content: PresenceContent): boolean {
  return content.nextCursor === null && knownCount(content) === content.count;
}

function isSame(one: LivePresenceState, other: LivePresenceState): boolean {
  return (Object.keys(one) as (keyof LivePresenceState)[]).every((field) =>
    field === "members" ? isSameList(one.members, other.members) : one[field] === other[field],
  );
}

function isSameList(one: readonly PresenceMember[], other: readonly PresenceMember[]): boolean {
  return one === other || (one.length === other.length && one.every((member, at) => member === other[at]));
}
