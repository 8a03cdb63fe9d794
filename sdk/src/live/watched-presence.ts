import type { Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import { errorTable, type GrandstandError } from "@grandstand/shared/errors";
import type { PresenceSnapshot, PresenceView } from "@grandstand/shared/events/presence";
import { Backoff } from "../backoff.js";
import type { Outcome } from "../calls.js";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";
import {
  applyChanges,
  contentOf,
  isOff,
  knownCount,
  type PresenceContent,
  withPage,
} from "./presence-content.js";
import type { LivePresenceState } from "./presence-state.js";

/** What watching a room needs of the connection. */
export interface WatchedPresenceWire extends SubscriptionWire {
  request(
    operation: "channel.subscribe" | "channel.unsubscribe" | "presence.get",
    input: unknown,
    settle: (outcome: Outcome) => void,
  ): void;
}

/** How long a list may not fit its count before it is read anew: longer than from one digest to the next. */
const OFF_MS = 5_000;
/** Twice as long each time, up to this, while that does not help: in a room that changes faster than it is told. */
const LONGEST_OFF_MS = 80_000;

/** How many members one call reads, as the server allows. */
const PAGE = 500;

/** Who is in a room, followed through its channel and, where that begins with a part of them, read on by pages. */
export class WatchedPresence implements SubscriptionObserver<PresenceView> {
  readonly subscription: ChannelSubscription<PresenceView>;
  readonly #room: string;
  readonly #wire: WatchedPresenceWire;
  readonly #onChange: () => void;
  readonly #onShutOut: (error: GrandstandError) => void;
  readonly #backoff = new Backoff();
  #status: LivePresenceState["status"] = "loading";
  #error: GrandstandError | null = null;
  #content: PresenceContent | null = null;
  /** How many members are wanted; 0 for only how many there are, null for nothing. */
  #limit: number | null = null;
  /** Whether so many were known once. Until then everyone who leaves is made up for, later on not before half of them have left. */
  #wasFilled = false;
  /** What was published since a page was asked for; null when none is. */
  #sinceAsked: Publication[] | null = null;
  #pageTimer: ReturnType<typeof setTimeout> | undefined;
  #offTimer: ReturnType<typeof setTimeout> | undefined;
  #offMs = OFF_MS;
  /** The server refuses pages: the members who are known stay, and are kept up to date. */
  #wasPageRefused = false;
  #isIdle = true;

  /** @param onShutOut called when the server refuses to show what it showed before */
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

  get status(): LivePresenceState["status"] {
    return this.#status;
  }

  get error(): GrandstandError | null {
    return this.#error;
  }

  /** Null until the room was read. */
  get content(): PresenceContent | null {
    return this.#content;
  }

  /** Whether nothing is wanted, and the server knows. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** States how many members are wanted; 0 for only how many there are, null for nothing. */
  want(limit: number | null): void {
    if (limit !== null && limit > (this.#limit ?? 0)) this.#wasFilled = false;
    this.#limit = limit;
    if (limit !== null) this.#isIdle = false;
    this.subscription.want(limit === null ? null : { members: limit > 0 });
    this.#readOn();
  }

  end(error: GrandstandError): void {
    this.#dropPage();
    this.subscription.end();
    this.#become("failed", error);
  }

  /** The client is open again, perhaps as another user. */
  reopen(): void {
    this.#content = null;
    this.#become("loading", null);
    this.want(this.#limit);
  }

  onSubscribed({ snapshot, position }: ChannelReply): void {
    this.#hold(contentOf(snapshot as PresenceSnapshot, position));
  }

  onPublications(publications: Publication[], _view: PresenceView, epoch: string): void {
    if (!this.#content) return;
    const content = applyChanges(this.#content, epoch, publications);
    if (!content) {
      this.#readAgain();
      return;
    }
    this.#sinceAsked?.push(...publications);
    this.#content = content;
    this.#become(this.#status, this.#error);
    this.#readOn();
  }

  onInterrupted(error: GrandstandError | null): void {
    this.#dropPage();
    this.#become(this.#content ? "stale" : "loading", error);
  }

  onRefused(error: GrandstandError): void {
    this.#dropPage();
    const wasShown = this.#status === "live" || this.#status === "stale";
    if (wasShown) this.#onShutOut(error);
    this.#become("failed", error);
  }

  onIdle(): void {
    this.#dropPage();
    this.#content = null;
    this.#isIdle = true;
    this.#become("loading", null);
  }

  #hold(content: PresenceContent): void {
    this.#dropPage();
    this.#content = content;
    this.#wasFilled = false;
    this.#wasPageRefused = false;
    this.#become("live", null);
    this.#readOn();
  }

  /** What arrived does not follow upon what is known. */
  #readAgain(): void {
    this.subscription.resync();
    this.onInterrupted(null);
  }

  /** Reads the next page, where more members are wanted than are known. */
  #readOn(): void {
    const content = this.#content;
    const limit = this.#limit ?? 0;
    const isAtRest = this.#sinceAsked !== null || this.#pageTimer !== undefined || this.#wasPageRefused;
    if (!content || isAtRest || this.#status !== "live") return;
    const known = knownCount(content);
    if (known >= limit) this.#wasFilled = true;
    const lowest = this.#wasFilled ? limit / 2 : limit;
    if (content.nextCursor === null || known >= lowest) return;
    const since: Publication[] = [];
    this.#sinceAsked = since;
    const page = { room: this.#room, cursor: content.nextCursor, limit: Math.min(PAGE, limit - known) };
    this.#wire.request("presence.get", page, (outcome) => {
      if (this.#sinceAsked !== since) return;
      this.#sinceAsked = null;
      if (outcome.ok) this.#takePage(outcome.data as OutputOf<"presence.get">, since);
      else this.#onPageFailed(outcome.error);
    });
  }

  #takePage(page: OutputOf<"presence.get">, since: Publication[]): void {
    const content = this.#content && withPage(this.#content, page, since);
    if (!content) {
      this.#readAgain();
      return;
    }
    this.#backoff.reset();
    this.#content = content;
    this.#become(this.#status, null);
    this.#readOn();
  }

  #onPageFailed(error: GrandstandError): void {
    this.#wasPageRefused = !errorTable[error.code]?.retry;
    if (!this.#wasPageRefused) {
      const delayMs = Math.max(error.retryAfterMs ?? 0, this.#backoff.nextMs());
      this.#pageTimer = setTimeout(() => {
        this.#pageTimer = undefined;
        this.#readOn();
      }, delayMs);
    }
    this.#become(this.#status, error);
  }

  /** Sees to it that a list which does not fit its count is read anew. */
  #watchCount(): void {
    const content = this.#content;
    if (this.#status !== "live" || !content || !isOff(content)) {
      this.#stopWatching();
      // While there is more to read, it is not seen yet whether it fits.
      if (content?.nextCursor === null && !isOff(content)) this.#offMs = OFF_MS;
      return;
    }
    this.#offTimer ??= setTimeout(() => {
      this.#stopWatching();
      this.#offMs = Math.min(this.#offMs * 2, LONGEST_OFF_MS);
      this.#readAgain();
    }, this.#offMs);
  }

  #stopWatching(): void {
    clearTimeout(this.#offTimer);
    this.#offTimer = undefined;
  }

  #dropPage(): void {
    this.#sinceAsked = null;
    clearTimeout(this.#pageTimer);
    this.#pageTimer = undefined;
  }

  #become(status: LivePresenceState["status"], error: GrandstandError | null): void {
    this.#status = status;
    this.#error = error;
    this.#watchCount();
    this.#onChange();
  }
}
