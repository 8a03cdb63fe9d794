import type { Position, RecoveryFailure } from "@grandstand/shared/channels";
import type { ChatSnapshot } from "@grandstand/shared/events/chat";
import type { Caller } from "../../core/caller.js";
import { TurnBatcher } from "../../core/turn-batcher.js";
import type { LogPart } from "../../live/source.js";
import { checkNoOutsider, roomForbidden, subjectOf } from "../shared/room-access.js";
import { messagesOf } from "./items.js";
import {
  argumentsOf,
  type LogReading,
  PART_BYTES,
  type PositionReply,
  positionOf,
  type RecoveredReply,
  recovered,
} from "./log.js";
import { subscribeScript } from "./scripts.js";
import type { RoomStore } from "./store.js";

/** The state of a room with which a subscription begins: a snapshot, or the items after the position to resume from. */
export interface SubscriptionStart extends Omit<LogReading, "part"> {
  part: LogPart | { snapshot: ChatSnapshot; reason?: RecoveryFailure; position: Position };
}

interface StartRequest {
  caller: Caller;
  since: Position | undefined;
  messages: number;
}

interface SnapshotReply extends PositionReply {
  accessVersion: string;
  reason: RecoveryFailure | "";
  hasMore: string;
  messages: string[];
}

/**
 * Reads the state with which subscriptions of a room begin. After an outage all clients subscribe again at once. So
 * requests for the same state in the same turn of the event loop share one run of subscribe.lua.
 */
export class SubscriptionStarts {
  readonly #store: RoomStore;
  /** The requests of the current turn. The key is JSON: epoch, offset and item id of `since`, then `messages`. */
  readonly #batchers = new Map<string, TurnBatcher<StartRequest, SubscriptionStart | null>>();

  constructor(store: RoomStore) {
    this.#store = store;
  }

  /**
   * @param since the position to recover from
   * @param messages how many messages a snapshot contains, at most
   * @throws {GrandstandError} `forbidden` when the caller has no access to the room
   */
  async read(caller: Caller, since: Position | undefined, messages: number): Promise<SubscriptionStart> {
    checkNoOutsider(caller, "chat", this.#store.room);
    const state = JSON.stringify([...Object.values(argumentsOf(since)), messages]);
    let batcher = this.#batchers.get(state);
    if (batcher === undefined) {
      batcher = new TurnBatcher((requests) => {
        this.#batchers.delete(state);
        return this.#readFor(requests);
      });
      this.#batchers.set(state, batcher);
    }
    const start = await batcher.add({ caller, since, messages });
    if (start === null) throw roomForbidden();
    return start;
  }

  /** @param requests all for the same state. @returns null for each caller without access */
  async #readFor(requests: StartRequest[]): Promise<(SubscriptionStart | null)[]> {
    const { since, messages } = requests[0]!;
    const users = requests.map(({ caller }) => ({
      id: subjectOf(caller),
      granted: this.#store.grantedTo(caller),
    }));
    const args = { ...argumentsOf(since), messages, limitBytes: PART_BYTES, users };
    const [status, reply] = await this.#store.read(subscribeScript, null, args);
    if (status === "forbidden") return requests.map(() => null);
    const start =
      since && status === "recovered"
        ? recovered(since, reply as unknown as RecoveredReply)
        : snapshotOf(reply as unknown as SnapshotReply);
    return requests.map((_, at) => (reply.allowed![at] === "1" ? start : null));
  }
}

function snapshotOf(reply: SnapshotReply): SubscriptionStart {
  const { accessVersion, reason, hasMore } = reply;
  const position = positionOf(reply);
  const snapshot = { messages: messagesOf(reply.messages), hasMore: hasMore === "1" };
  return { accessVersion, end: position, part: { snapshot, position, ...(reason !== "" && { reason }) } };
}
