import type { Position, RecoveryFailure } from "@grandstand/shared/channels";
import type { ChatSnapshot } from "@grandstand/shared/events/chat";
import type { Caller } from "../../core/caller.js";
import { TurnBatch } from "../../core/turn-batch.js";
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

/** The state with which a subscription begins. */
export interface SubscriptionStart extends Omit<LogReading, "part"> {
  part: LogPart | { snapshot: ChatSnapshot; reason?: RecoveryFailure; position: Position };
}

/** What a subscriber asks for. */
interface Ask {
  caller: Caller;
  since: Position | undefined;
  messages: number;
}

interface SnapshotReply extends PositionReply {
  access: string;
  reason: RecoveryFailure | "";
  hasMore: string;
  messages: string[];
}

/**
 * Reads what the subscriptions of a room begin with. Subscribers that ask in the same turn of the event loop for the same
 * state share one reading, because after an outage all of them return at once.
 */
export class SubscriptionStarts {
  readonly #store: RoomStore;
  /** The asks of one turn, by the state that they ask for. */
  readonly #batches = new Map<string, TurnBatch<Ask, SubscriptionStart | null>>();

  constructor(store: RoomStore) {
    this.#store = store;
  }

  /**
   * @param since the position to recover from
   * @param messages how many messages a snapshot holds
   * @throws {GrandstandError} `forbidden`
   */
  async read(caller: Caller, since: Position | undefined, messages: number): Promise<SubscriptionStart> {
    checkNoOutsider(caller, "chat", this.#store.room);
    const state = JSON.stringify([...Object.values(argumentsOf(since)), messages]);
    let batch = this.#batches.get(state);
    if (batch === undefined) {
      batch = new TurnBatch((asks) => {
        this.#batches.delete(state);
        return this.#readFor(asks);
      });
      this.#batches.set(state, batch);
    }
    const start = await batch.ask({ caller, since, messages });
    if (start === null) throw roomForbidden();
    return start;
  }

  /** @param asks all for the same state. @returns null for each caller without access */
  async #readFor(asks: Ask[]): Promise<(SubscriptionStart | null)[]> {
    const { since, messages } = asks[0]!;
    const users = asks.map(({ caller }) => ({
      id: subjectOf(caller),
      granted: this.#store.grantedTo(caller),
    }));
    const args = { ...argumentsOf(since), messages, limitBytes: PART_BYTES, users };
    const [status, reply] = await this.#store.read(subscribeScript, null, args);
    if (status === "forbidden") return asks.map(() => null);
    const start =
      since && status === "recovered"
        ? recovered(since, reply as unknown as RecoveredReply)
        : snapshotOf(reply as unknown as SnapshotReply);
    return asks.map((_, at) => (reply.answers![at] === "1" ? start : null));
  }
}

function snapshotOf(reply: SnapshotReply): SubscriptionStart {
  const { access, reason, hasMore } = reply;
  const position = positionOf(reply);
  const snapshot = { messages: messagesOf(reply.messages), hasMore: hasMore === "1" };
  return { access, end: position, part: { snapshot, position, ...(reason !== "" && { reason }) } };
}
