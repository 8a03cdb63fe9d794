import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type {
  LeaderboardMe,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import { applyMe, applyUpdated, type BoardContent, emptyContent, takeSnapshot } from "./board-content.js";
import { type WholeBoardView, widestView } from "./board-view.js";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";

/** One view of a board that somebody listens to. */
export interface Viewer {
  readonly view: WholeBoardView;
  /** The board's state is another. */
  onChange(): void;
}

export interface BoardState {
  readonly status: "loading" | "live" | "stale" | "failed";
  readonly content: BoardContent;
  /** The view that `content` is of; null while there is none. */
  readonly shown: WholeBoardView | null;
  readonly error: GrandstandError | null;
}

const unread: BoardState = { status: "loading", content: emptyContent, shown: null, error: null };

/** How long a view without listeners is kept: longer than a page needs to mount anew what it unmounted. */
const LINGER_MS = 1_000;

/**
 * A board that is being watched: one subscription on the wire, as wide as its widest viewer needs, and the
 * state that all viewers take their part of.
 */
export class LiveBoard implements SubscriptionObserver<WholeBoardView> {
  readonly subscription: ChannelSubscription<WholeBoardView>;
  readonly #onUnused: (board: LiveBoard) => void;
  readonly #viewers = new Set<Viewer>();
  readonly #lingering = new Map<Viewer, ReturnType<typeof setTimeout>>();
  #state = unread;
  #isOver = false;

  constructor(board: string, wire: SubscriptionWire, onUnused: (board: LiveBoard) => void) {
    this.#onUnused = onUnused;
    this.subscription = new ChannelSubscription(`leaderboard:${board}`, wire, this);
  }

  get state(): BoardState {
    return this.#state;
  }

  attach(viewer: Viewer): void {
    this.#stopLingering(viewer);
    this.#viewers.add(viewer);
    this.#want();
  }

  /** The viewer has no listeners any more; it leaves unless it is attached again soon. */
  release(viewer: Viewer): void {
    if (this.#isOver || this.#lingering.has(viewer)) return;
    const leave = () => {
      this.#lingering.delete(viewer);
      this.#viewers.delete(viewer);
      if (this.#viewers.size === 0) this.#state = unread;
      this.#want();
    };
    this.#lingering.set(viewer, setTimeout(leave, LINGER_MS));
  }

  /** The client is closed: what is shown stays, and nothing more comes. */
  end(error: GrandstandError): void {
    this.#isOver = true;
    for (const timer of this.#lingering.values()) clearTimeout(timer);
    this.#lingering.clear();
    this.subscription.end();
    this.#become({ ...this.#state, status: "failed", error });
  }

  onSubscribed(reply: ChannelReply, view: WholeBoardView): void {
    if (reply.snapshot) {
      const content = takeSnapshot(this.#state.content, reply.snapshot as LeaderboardSnapshot);
      this.#become({ status: "live", content, shown: view, error: null });
    } else this.#readAgain();
  }

  onPublications(publications: Publication[]): void {
    let content: BoardContent | null = this.#state.content;
    for (const publication of publications) {
      content = applied(content, publication);
      if (content === null) break;
    }
    if (content === null) this.#readAgain();
    else if (content !== this.#state.content) this.#become({ ...this.#state, content });
  }

  onInterrupted(error: GrandstandError | null): void {
    this.#become({ ...this.#state, status: this.#state.shown ? "stale" : "loading", error });
  }

  onRefused(error: GrandstandError): void {
    this.#become({ ...this.#state, status: "failed", error });
  }

  onIdle(): void {
    this.#onUnused(this);
  }

  /** What arrived does not fit what is known. */
  #readAgain(): void {
    this.subscription.resync();
    this.onInterrupted(null);
  }

  #want(): void {
    if (!this.#isOver) this.subscription.want(widestView([...this.#viewers].map(({ view }) => view)));
  }

  #stopLingering(viewer: Viewer): void {
    clearTimeout(this.#lingering.get(viewer));
    this.#lingering.delete(viewer);
  }

  #become(state: BoardState): void {
    this.#state = state;
    for (const viewer of [...this.#viewers]) viewer.onChange();
  }
}

function applied(content: BoardContent, { event, data }: Publication): BoardContent | null {
  switch (event) {
    case "leaderboard.updated":
      return applyUpdated(content, data as LeaderboardUpdated);
    case "leaderboard.me":
      return applyMe(content, data as LeaderboardMe);
    default:
      // An event of a newer server: what it adds is not shown here.
      return content;
  }
}
