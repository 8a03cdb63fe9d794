import { leaderboardView } from "@grandstand/shared/events/leaderboard";
import type { Logger } from "pino";
import type { ChannelSource, Feed, JoinResult, Publisher, SubscribeRequest } from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import type { BoardContext } from "./context.js";
import { BoardStore } from "./store.js";
import { WindowFeed } from "./window-feed.js";

/** Live boards: `leaderboard:<board>`. */
export function leaderboardSource(context: BoardContext, log: Logger): ChannelSource {
  return {
    topic: (board) => context.keys.board(board).topic,
    open: (board, publisher) => new BoardFeed(board, new BoardStore(context, board), publisher, log),
  };
}

/** One board as this node's watchers see it: a feed for each window that one of them watches. */
class BoardFeed implements Feed {
  readonly #board: string;
  readonly #store: BoardStore;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  /** By window; those who name none watch the first one, whichever that is. */
  readonly #windows = new Map<string | undefined, WindowFeed>();
  readonly #watched = new Map<Subscription, string | undefined>();

  constructor(board: string, store: BoardStore, publisher: Publisher, log: Logger) {
    this.#board = board;
    this.#store = store;
    this.#publisher = publisher;
    this.#log = log;
  }

  join(subscriber: Subscription, { view }: SubscribeRequest): Promise<JoinResult> {
    const wanted = leaderboardView.parse(view ?? {});
    const feed = this.#windows.get(wanted.window) ?? this.#open(wanted.window);
    this.#watched.set(subscriber, wanted.window);
    return feed.join(subscriber, wanted).catch((error: unknown) => {
      this.leave(subscriber);
      throw error;
    });
  }

  leave(subscriber: Subscription): void {
    const window = this.#watched.get(subscriber);
    const feed = this.#windows.get(window);
    this.#watched.delete(subscriber);
    feed?.leave(subscriber);
    if (!feed?.isEmpty) return;
    this.#windows.delete(window);
    feed.close();
  }

  receive(): void {
    for (const feed of this.#windows.values()) feed.expectChanges();
  }

  resync(): void {
    this.receive();
  }

  close(): void {
    for (const feed of this.#windows.values()) feed.close();
    this.#windows.clear();
  }

  #open(window: string | undefined): WindowFeed {
    const name = `leaderboard:${this.#board}|${window ?? ""}`;
    const feed = new WindowFeed(name, window, this.#store, this.#publisher, this.#log);
    this.#windows.set(window, feed);
    return feed;
  }
}
