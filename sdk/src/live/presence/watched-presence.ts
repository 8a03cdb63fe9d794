import type { Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { PresenceSnapshot, PresenceView } from "@grandstand/shared/events/presence";
import type { Outcome } from "../../calls.js";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "../channel/channel-subscription.js";
import { Retry, retryAfter } from "../channel/retry.js";
import {
  applyChanges,
  contentOf,
  contradictsCount,
  knownCount,
  type PresenceContent,
  withPage,
} from "./presence-content.js";

/** The part of the connection that follows the members of a room. */
export interface WatchedPresenceWire extends SubscriptionWire {
  request(
    operation: "channel.subscribe" | "channel.unsubscribe" | "presence.get",
    input: unknown,
    settle: (outcome: Outcome) => void,
  ): void;
}

/**
 * If the known members contradict the room's count for this long, the room is read again. For a shorter time this is
 * normal: a page may contain changes that the channel publishes only in its next digest (one publication of many changes).
 */
const MISMATCH_MS = 5_000;
/**
 * The longest delay before the room is read again. A room that changes too fast still contradicts its count after it is read
 * again, so the delay doubles each time.
 */
const LONGEST_MISMATCH_MS = 80_000;

/** The most members that one call reads. The server has the same limit. */
const PAGE = 500;

/** The known content of the room. */
type Known =
  | { status: "loading"; content: null; error: GrandstandError | null }
  | { status: "live" | "stale"; content: PresenceContent; error: GrandstandError | null }
  | { status: "failed"; content: PresenceContent | null; error: GrandstandError };

/** The state of reading members page by page. */
type Paging =
  | { name: "free" }
  /** A page was requested. `since` contains the publications that arrived after the request. */
  | { name: "requesting"; since: Publication[] }
  /** A request failed and is retried after a delay. */
  | { name: "waiting" }
  /** The server refused a page. Publications still update the known members. */
  | { name: "refused" };

const loading: Known = { status: "loading", content: null, error: null };

/**
 * The members of a room, from its channel. If a snapshot contains only some of the members, more members are read
 * page by page, until `#limit` members are known.
 */
export class WatchedPresence implements SubscriptionObserver<PresenceView> {
  readonly subscription: ChannelSubscription<PresenceView>;
  readonly #room: string;
  readonly #wire: WatchedPresenceWire;
  readonly #onChange: () => void;
  readonly #onShutOut: (error: GrandstandError) => void;
  readonly #pageRetry = new Retry(() => {
    this.#paging = { name: "free" };
    this.#readOn();
  });
  readonly #mismatchRetry = new Retry(() => {
    this.#mismatchMs = Math.min(this.#mismatchMs * 2, LONGEST_MISMATCH_MS);
    this.#readAgain();
  });
  #known: Known = loading;
  #paging: Paging = { name: "free" };
  #mismatchMs = MISMATCH_MS;
  /** How many members to show; 0 for only their number, null for no subscription. */
  #limit: number | null = null;
  /**
   * Whether `#limit` members were known once. If so, the next page is read only when fewer than half of `#limit`
   * are known.
   */
  #wasFilled = false;
  #isIdle = true;

  /** @param onShutOut called when the server refuses to show the room, after it was shown before */
  constructor(
    room: string,
    wire: WatchedPresenceWire,
    onChange: () => void,
    onShutOut: (error: GrandstandError) => void,
  ) {
    this.#room = room;
    this.#wire = wire;
    this.#onChange = onChange;
    this.#onShutOut = onShutOut;
    this.subscription = new ChannelSubscription(`presence:${room}`, wire, this);
  }

  get known(): Readonly<Known> {
    return this.#known;
  }

  /** Whether there is no subscription, and no request for one is under way. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Sets how many members to read; 0 for only their number, null ends the subscription. */
  want(limit: number | null): void {
    if (limit !== null && limit > (this.#limit ?? 0)) this.#wasFilled = false;
    this.#limit = limit;
    if (limit !== null) this.#isIdle = false;
    this.subscription.want(limit === null ? null : { members: limit > 0 });
    this.#readOn();
  }

  end(error: GrandstandError): void {
    this.subscription.end();
    this.#endPaging();
    this.#become({ status: "failed", content: this.#known.content, error });
  }

  /** The client is open again, perhaps for another user. */
  reopen(): void {
    this.#become(loading);
    this.want(this.#limit);
  }

  onSubscribed({ snapshot, position }: ChannelReply): void {
    this.#endPaging();
    this.#wasFilled = false;
    this.#become({
      status: "live",
      content: contentOf(snapshot as PresenceSnapshot, position),
      error: null,
    });
    this.#readOn();
  }

  onPublications(publications: Publication[], _view: PresenceView, epoch: string): void {
    const known = this.#known;
    if (known.status !== "live") return;
    const content = applyChanges(known.content, epoch, publications);
    if (!content) {
      this.#readAgain();
      return;
    }
    if (this.#paging.name === "requesting") this.#paging.since.push(...publications);
    this.#become({ ...known, content });
    this.#readOn();
  }

  onInterrupted(error: GrandstandError | null): void {
    this.#endPaging();
    const { content } = this.#known;
    this.#become(content ? { status: "stale", content, error } : { status: "loading", content: null, error });
  }

  onRefused(error: GrandstandError): void {
    this.#endPaging();
    const { status, content } = this.#known;
    if (status === "live" || status === "stale") this.#onShutOut(error);
    this.#become({ status: "failed", content, error });
  }

  onIdle(): void {
    this.#endPaging();
    this.#isIdle = true;
    this.#become(loading);
  }

  /** Subscribes again, because the content may be wrong. */
  #readAgain(): void {
    this.subscription.resync();
    this.onInterrupted(null);
  }

  /** Reads the next page if a view asks for more members than are known. */
  #readOn(): void {
    const { status, content } = this.#known;
    const limit = this.#limit ?? 0;
    if (status !== "live" || this.#paging.name !== "free") return;
    const known = knownCount(content);
    if (known >= limit) this.#wasFilled = true;
    // If the limit is not lower than the room's count, all pages are read.
    const isWholeWanted = limit > 0 && content.count <= limit;
    const lowest = this.#wasFilled ? limit / 2 : limit;
    if (content.nextCursor === null || (known >= lowest && !isWholeWanted)) return;
    const requesting = { name: "requesting" as const, since: [] as Publication[] };
    this.#paging = requesting;
    const pageSize = Math.min(PAGE, Math.max(limit - known, 1));
    const page = { room: this.#room, cursor: content.nextCursor, limit: pageSize };
    this.#wire.request("presence.get", page, (outcome) => {
      if (this.#paging !== requesting) return;
      this.#paging = { name: "free" };
      if (outcome.ok) this.#takePage(outcome.data as OutputOf<"presence.get">, requesting.since);
      else this.#onPageFailed(outcome.error);
    });
  }

  #takePage(page: OutputOf<"presence.get">, since: Publication[]): void {
    const known = this.#known;
    if (known.status !== "live") return;
    const content = withPage(known.content, page, since);
    if (!content) {
      this.#readAgain();
      return;
    }
    this.#pageRetry.reset();
    this.#become({ status: "live", content, error: null });
    this.#readOn();
  }

  #onPageFailed(error: GrandstandError): void {
    if (retryAfter(error) === "soon") {
      this.#paging = { name: "waiting" };
      this.#pageRetry.schedule(error.retryAfterMs);
    } else {
      this.#paging = { name: "refused" };
    }
    if (this.#known.status === "live") this.#become({ ...this.#known, error });
  }

  #endPaging(): void {
    this.#paging = { name: "free" };
    this.#pageRetry.cancel();
  }

  /** If the known members contradict the count, schedules that the room is read again. */
  #checkCount(): void {
    const { status, content } = this.#known;
    if (status === "live" && contradictsCount(content)) {
      if (!this.#mismatchRetry.isWaiting) this.#mismatchRetry.scheduleIn(this.#mismatchMs);
      return;
    }
    this.#mismatchRetry.cancel();
    // Only a list that was read to its end shows whether reading again has helped.
    if (content?.nextCursor === null && !contradictsCount(content)) this.#mismatchMs = MISMATCH_MS;
  }

  #become(known: Known): void {
    this.#known = known;
    this.#checkCount();
    this.#onChange();
  }
}
