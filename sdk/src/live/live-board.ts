import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSnapshot } from "@grandstand/shared/events/leaderboard";
import type { WholeBoardView } from "./board-view.js";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";
import type { LiveChannel } from "./live-channels.js";
import { LiveWindow, type Viewer, type WindowState } from "./live-window.js";
import { WindowPolling } from "./window-polling.js";
import type { WindowReader } from "./window-reader.js";

/** What a watched board needs of the connection. */
export type BoardWire = SubscriptionWire & WindowReader;

interface Watched {
  window: LiveWindow;
  polling: WindowPolling;
}

/**
 * A board that is being watched. A connection holds one subscription to a channel, and a subscription is to one
 * window: it goes to the window that was listened to first, and the others are polled for as long as somebody listens.
 */
export class LiveBoard implements LiveChannel, SubscriptionObserver<WholeBoardView> {
  /** What the connection drives: the subscription, and the polling with it. */
  readonly subscription: LiveChannel["subscription"] = {
    onLive: () => {
      this.#channel.onLive();
      for (const { polling } of this.#windows.values()) polling.onLive();
    },
    onLost: () => {
      this.#channel.onLost();
      for (const { polling } of this.#windows.values()) polling.onLost();
    },
    onPush: (push) => this.#channel.onPush(push),
  };
  readonly #channel: ChannelSubscription<WholeBoardView>;
  readonly #board: string;
  readonly #wire: BoardWire;
  readonly #onUnused: (board: LiveBoard) => void;
  /** By name; undefined for the board's first. */
  readonly #windows = new Map<string | undefined, Watched>();
  #subscribed: Watched | undefined;
  #ended: GrandstandError | null = null;

  constructor(board: string, wire: BoardWire, onUnused: (board: LiveBoard) => void) {
    this.#board = board;
    this.#wire = wire;
    this.#onUnused = onUnused;
    this.#channel = new ChannelSubscription(`leaderboard:${board}`, wire, this);
  }

  stateOf(window: string | undefined): WindowState | undefined {
    return this.#windows.get(window)?.window.state;
  }

  attach(viewer: Viewer): void {
    const name = viewer.view.window;
    (this.#windows.get(name) ?? this.#open(name)).window.attach(viewer);
  }

  release(viewer: Viewer): void {
    this.#windows.get(viewer.view.window)?.window.release(viewer);
    // Another one may be listened to, and this one no more.
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
      this.#windows.get(view.window)?.window.show(reply.snapshot as LeaderboardSnapshot, view);
    else this.#readAgain();
  }

  onPublications(publications: Publication[], view: WholeBoardView): void {
    const subscribed = this.#subscribed;
    // The last words of the subscription before it: that window is polled by now.
    if (!subscribed || this.#windows.get(view.window) !== subscribed) return;
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

  /** What arrived does not fit what is known. */
  #readAgain(): void {
    this.#channel.resync();
    this.onInterrupted(null);
  }

  #open(name: string | undefined): Watched {
    const window = new LiveWindow(() => this.#share());
    const watched = { window, polling: new WindowPolling(this.#board, this.#wire, window) };
    this.#windows.set(name, watched);
    if (this.#ended) window.end(this.#ended);
    return watched;
  }

  /** Shares out, by what is wanted now, who has the subscription and who is polled. */
  #share(): void {
    if (this.#ended) return;
    for (const [name, { window }] of this.#windows) if (!window.wanted) this.#windows.delete(name);
    const before = this.#subscribed;
    this.#subscribed = this.#whoSubscribes();
    if (before !== this.#subscribed) before?.window.interrupt(null);
    this.#subscribed?.polling.want(null);
    this.#channel.want(this.#subscribed?.window.wanted ?? null);
    for (const watched of this.#windows.values()) {
      if (watched !== this.#subscribed)
        watched.polling.want(watched.window.isListenedTo ? watched.window.wanted : null);
    }
  }

  #whoSubscribes(): Watched | undefined {
    const watched = [...this.#windows.values()];
    const has = watched.find((one) => one === this.#subscribed);
    if (has?.window.isListenedTo) return has;
    return watched.find(({ window }) => window.isListenedTo) ?? has ?? watched[0];
  }
}
