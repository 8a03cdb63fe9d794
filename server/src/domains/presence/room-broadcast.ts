import type { Position, Publication } from "@grandstand/shared/channels";
import type { PresenceMode, PresenceSnapshot } from "@grandstand/shared/events/presence";
import { limits } from "@grandstand/shared/limits";
import type { Publisher } from "../../live/source.js";
import { encodeCursor } from "./page.js";
import { PublishedMembers } from "./published-members.js";
import type { RoomChanges, RoomPosition, RoomState } from "./room-state.js";
import { Throttle } from "./throttle.js";

/** How many parts are published per interval when a digest is too large for one message. */
const PARTS_PER_INTERVAL = 4;
const MEMBERS_PER_SNAPSHOT = 200;
/** A room leaves its mode `digest` or `count` only below this share of the mode's bound, so that the mode does not flap. */
const RETURN_SHARE = 0.9;

export interface BroadcastOptions {
  /** With more members than this, a room's changes are published as digests. */
  digestAbove: number;
  /** With more members than this, only the room's count is published. */
  countAbove: number;
  /** How often digests and counts are published. */
  intervalMs: number;
}

export const broadcastDefaults: BroadcastOptions = {
  digestAbove: limits.presenceDigestAbove,
  countAbove: limits.presenceCountAbove,
  intervalMs: 2_000,
};

/**
 * Publishes the changes of one room to this node's subscribers: each change in a small room, digests in a larger room,
 * and only the count in a huge room. It keeps the members in memory, so that another subscriber costs Redis only the
 * check of access.
 */
export class RoomBroadcast {
  readonly #publisher: Publisher;
  readonly #options: BroadcastOptions;
  readonly #needMembers: () => void;
  readonly #memberGroup: string;
  readonly #countGroup: string;
  /** The position up to which this node knows the room. */
  #known: RoomPosition;
  #mode: PresenceMode;
  readonly #members = new PublishedMembers();
  /** The position up to which subscribers to members have received publications. */
  #published: RoomPosition;
  /** The position up to which subscribers to the count have received publications. */
  #publishedCount: RoomPosition;
  readonly #memberThrottle: Throttle;
  readonly #countThrottle: Throttle;

  /**
   * @param needMembers called when the mode `count` ends, because this node does not know the members in that mode. The
   * owner of the `RoomBroadcast` reads the room and calls `applyState`
   */
  constructor(
    room: string,
    state: RoomState,
    parts: { publisher: Publisher; options: BroadcastOptions; needMembers(): void },
  ) {
    this.#publisher = parts.publisher;
    this.#options = parts.options;
    this.#needMembers = parts.needMembers;
    this.#memberGroup = `presence:${room}`;
    this.#countGroup = `presence:${room} count`;
    this.#mode = modeOf(state.count, null, parts.options);
    this.#members.begin(state.members ?? []);
    this.#known = state;
    this.#published = state;
    this.#publishedCount = state;
    this.#memberThrottle = new Throttle(parts.options.intervalMs, () => this.#publishMembers());
    this.#countThrottle = new Throttle(parts.options.intervalMs, () => this.#publishCount());
  }

  get known(): RoomPosition {
    return this.#known;
  }

  /** What a new subscriber receives. @param wantsMembers false for a subscriber to the count */
  snapshot(wantsMembers: boolean): { group: string; position: Position; snapshot: PresenceSnapshot } {
    const published = wantsMembers ? this.#published : this.#publishedCount;
    return {
      group: wantsMembers ? this.#memberGroup : this.#countGroup,
      position: positionOf(published),
      snapshot:
        wantsMembers && this.#mode !== "count"
          ? this.#memberSnapshot(published)
          : { mode: "count", count: published.count, members: [], nextCursor: null },
    };
  }

  /** Applies the changes that follow the known position. */
  applyChanges(changes: RoomChanges): void {
    this.#known = changes;
    if (this.#mode === "each" && modeOf(changes.count, "each", this.#options) === "each") {
      const publications = changes.changes.map((change) => this.#members.publish(change));
      this.#published = changes;
      this.#publish(publications.filter((publication) => publication !== null));
    } else {
      this.#mode = this.#mode === "each" ? "digest" : this.#mode;
      if (this.#mode === "digest") for (const change of changes.changes) this.#members.add(change);
      this.#memberThrottle.request();
    }
    this.#countThrottle.request();
  }

  /** Publishes the difference between `state`, which was read again, and what subscribers have received. */
  applyState(state: RoomState): void {
    this.#known = this.#positionAfter(state);
    const { offset } = this.#known;
    if (state.members === null) {
      this.#mode = "count";
      this.#members.clear();
      this.#memberThrottle.request();
    } else if (this.#mode === "count" || !this.#members.addDifference(state.members, offset)) {
      // Subscribers have not received the members before, or the difference is too large for one message.
      this.#members.begin(state.members);
      this.#mode = modeOf(state.count, null, this.#options);
      this.#published = this.#known;
      this.#publish([{ offset, event: "channel.resync", data: { reason: "skipped" } }]);
    } else {
      // The difference is published as one digest, in a small room too, because changes that were found by a read have
      // no offsets of their own.
      this.#mode = "digest";
      this.#memberThrottle.runNow();
    }
    this.#countThrottle.request();
  }

  close(): void {
    this.#memberThrottle.close();
    this.#countThrottle.close();
  }

  /**
   * The position after a read of the room. Redis forgets the epoch of a room some time after the room became empty, and a
   * read then returns the epoch "". In this case the result has the known epoch:
   * - with the next offset, if the room had members; at this offset, subscribers are told that all members have left
   * - with the known offset, if the room had no members
   */
  #positionAfter({ epoch, offset, count }: RoomState): RoomPosition {
    const known = this.#known;
    if (epoch !== "" || known.epoch === "") return { epoch, offset, count };
    const isNews = known.count > 0 || count > 0;
    return { epoch: known.epoch, offset: known.offset + (isNews ? 1 : 0), count };
  }

  #memberSnapshot({ count, epoch }: RoomPosition): PresenceSnapshot {
    const { members, lastJoinOffset } = this.#members.first(MEMBERS_PER_SNAPSHOT);
    const hasMore = members.length < this.#members.size;
    return {
      mode: this.#mode,
      count,
      members,
      nextCursor: hasMore ? encodeCursor(epoch, lastJoinOffset) : null,
    };
  }

  #publishMembers(): void {
    const { offset, count } = this.#known;
    const mode = modeOf(count, this.#mode, this.#options);
    if (mode === "count") {
      this.#mode = mode;
      this.#published = this.#known;
      this.#members.clear();
      this.#publish([{ offset, event: "presence.count", data: { count } }]);
    } else if (this.#mode === "count") this.#needMembers();
    else this.#publishDigest(mode);
  }

  /** @param mode the room's next mode if this digest contains all pending changes; if not, the mode is `digest` */
  #publishDigest(mode: PresenceMode): void {
    const known = this.#known;
    const published = this.#members.publishDigest();
    const { isUpToDate, hasParts, size } = this.#members;
    this.#mode = isUpToDate ? mode : "digest";
    this.#published =
      isUpToDate || !published ? known : { epoch: known.epoch, offset: published.offset, count: size };
    if (published?.digest) {
      this.#publish([{ offset: this.#published.offset, event: "presence.digest", data: published.digest }]);
    }
    if (hasParts) this.#memberThrottle.request(this.#options.intervalMs / PARTS_PER_INTERVAL);
    else if (!isUpToDate) this.#memberThrottle.request();
  }

  #publishCount(): void {
    const { epoch, offset, count } = this.#known;
    const before = this.#publishedCount;
    this.#publishedCount = this.#known;
    if (count === before.count) return;
    this.#publisher.publish(this.#countGroup, publicEpoch(epoch), [
      { offset, event: "presence.count", data: { count } },
    ]);
  }

  #publish(publications: Publication[]): void {
    if (publications.length === 0) return;
    this.#publisher.publish(this.#memberGroup, publicEpoch(this.#known.epoch), publications);
  }
}

export function positionOf({ epoch, offset }: RoomPosition): Position {
  return { epoch: publicEpoch(epoch), offset };
}

/** The epoch that clients receive. A room without presence has no epoch, and clients receive "none". */
function publicEpoch(epoch: string): string {
  return epoch === "" ? "none" : epoch;
}

/** The mode of a room with `count` members. @param before the mode so far; null for none */
function modeOf(
  count: number,
  before: PresenceMode | null,
  { digestAbove, countAbove }: BroadcastOptions,
): PresenceMode {
  if (count > countAbove || (before === "count" && count > countAbove * RETURN_SHARE)) return "count";
  if (count > digestAbove || (before !== null && before !== "each" && count > digestAbove * RETURN_SHARE)) {
    return "digest";
  }
  return "each";
}
