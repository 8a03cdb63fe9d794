import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSnapshot } from "@grandstand/shared/events/leaderboard";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "../channel/channel-subscription.js";
import type { LiveChannel } from "../channel/live-channels.js";
import type { WholeBoardView } from "./board-view.js";
import { LiveWindow, type Viewer, type WindowState } from "./live-window.js";
import { rankingOf } from "./rankings.js";
import { WindowPolling, type WindowReader } from "./window-polling.js";

/** The part of the client that a live board uses. */
export type BoardWire = SubscriptionWire & WindowReader;

interface Watched {
  window: LiveWindow;
  polling: WindowPolling;
}

/**
 * A board that has live views. A connection can subscribe to a channel only once, and a subscription covers
 * one ranking: a period such as `daily`, with or without a filter. So the ranking that got a listener first has the
 * subscription. The other rankings are polled while they have listeners.
 */
export class LiveBoard implements LiveChannel, SubscriptionObserver<WholeBoardView> {
  readonly subscription: LiveChannel["subscription"] = {
    onLive: () => {
      this.#channel.onLive();
      for (const { polling } of this.#windows.values()) polling.readNow();
    },
    onLost: () => {
      this.#channel.onLost();
      for (const { polling } of this.#windows.values()) polling.onLost();
    },
    onPush: (push) => this.#channel.onPush(push),
    retry: () => {
      this.#channel.retry();
      for (const { window, polling } of this.#windows.values()) {
        if (window.state.status === "failed") polling.readNow();
      }
    },
  };
  readonly #channel: ChannelSubscription<WholeBoardView>;
  readonly #board: string;
  readonly #wire: BoardWire;
  readonly #onUnused: (board: LiveBoard) => void;
  /**
   * The rankings that have viewers, by name (`rankingOf`). A ranking is a period such as `daily`, with a filter `where` or
   * without one. Each `LiveWindow` shows one ranking.
   */
  readonly #windows = new Map<string, Watched>();
  #subscribed: Watched | undefined;
  #ended: GrandstandError | null = null;

  constructor(board: string, wire: BoardWire, onUnused: (board: LiveBoard) => void) {
    this.#board = board;
    this.#wire = wire;
    this.#onUnused = onUnused;
    this.#channel = new ChannelSubscription(`leaderboard:${board}`, wire, this);
  }

  stateOf(view: WholeBoardView): WindowState | undefined {
    return this.#windows.get(rankingOf(view))?.window.state;
  }

  attach(viewer: Viewer): void {
    const name = rankingOf(viewer.view);
    (this.#windows.get(name) ?? this.#open(name)).window.attach(viewer);
  }

  release(viewer: Viewer): void {
    this.#windows.get(rankingOf(viewer.view))?.window.release(viewer);
    // The subscription may have to move to a window that has listeners.
    if (this.#windows.size > 1) this.#share();
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    this.#channel.end();
    for (const { window, polling } of this.#windows.values()) {
      polling.want(null);
      window.end(error);
    }
  }

  reopen(): void {
    this.#ended = null;
    for (const { window } of this.#windows.values()) window.reopen();
    this.#share();
  }

  onSubscribed(reply: ChannelReply, view: WholeBoardView): void {
    if (reply.snapshot)
      this.#windows.get(rankingOf(view))?.window.show(reply.snapshot as LeaderboardSnapshot, view);
    else this.#readAgain();
  }

  onPublications(publications: Publication[], view: WholeBoardView): void {
    const subscribed = this.#subscribed;
    // Ignores publications of an earlier subscription, whose window is polled now or has no listener any more.
    if (!subscribed || this.#windows.get(rankingOf(view)) !== subscribed) return;
    if (!subscribed.window.apply(publications)) this.#readAgain();
  }

  onInterrupted(error: GrandstandError | null): void {
    this.#subscribed?.window.interrupt(error);
  }

  onRefused(error: GrandstandError): void {
    this.#subscribed?.window.refuse(error);
  }

  onIdle(): void {
    this.#onUnused(this);
  }

  /** Subscribes again to get a new snapshot, because the content may miss publications. */
  #readAgain(): void {
    this.#channel.resync();
    this.onInterrupted(null);
  }

  #open(name: string): Watched {
    const window = new LiveWindow(() => this.#share());
    const watched = { window, polling: new WindowPolling(this.#board, this.#wire, window) };
    this.#windows.set(name, watched);
    if (this.#ended) window.end(this.#ended);
    return watched;
  }

  /** Decides which window has the subscription, and which ones are polled. */
  #share(): void {
    if (this.#ended) return;
    for (const [name, { window }] of this.#windows) if (!window.wanted) this.#windows.delete(name);
    const before = this.#subscribed;
    this.#subscribed = this.#nextSubscribed();
    if (before !== this.#subscribed) before?.window.interrupt(null);
    this.#subscribed?.polling.want(null);
    this.#channel.want(this.#subscribed?.window.wanted ?? null);
    for (const watched of this.#windows.values()) {
      if (watched !== this.#subscribed)
        watched.polling.want(watched.window.isListenedTo ? watched.window.wanted : null);
    }
  }

  #nextSubscribed(): Watched | undefined {
    const watched = [...this.#windows.values()];
    const has = watched.find((one) => one === this.#subscribed);
    if (has?.window.isListenedTo) return has;
    return watched.find(({ window }) => window.isListenedTo) ?? has ?? watched[0];
  }
}
