import { leaderboardView } from "@grandstand/shared/events/leaderboard";
import type { Logger } from "pino";
import type { ChannelSource, Feed, JoinResult, Publisher, SubscribeRequest } from "../../live/source.js";
import type { Subscription } from "../../live/subscription.js";
import type { BoardStore, BoardStores } from "./store.js";
import { WindowFeed } from "./window-feed.js";

/** The channels `leaderboard:<board>`. */
export function leaderboardSource(stores: BoardStores): ChannelSource {
  const { keys, log } = stores.dependencies;
  return {
    topic: (board) => keys.board(board).topic,
    open: (board, publisher) => new BoardFeed(stores.of(board), publisher, log),
  };
}

/** One board: a feed for each window that somebody on this node watches. */
class BoardFeed implements Feed {
  readonly #store: BoardStore;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  /** By window; undefined stands for the board's first window, whichever that is. */
  readonly #feeds = new Map<string | undefined, WindowFeed>();
  readonly #windowOf = new Map<Subscription, string | undefined>();

  constructor(store: BoardStore, publisher: Publisher, log: Logger) {
    this.#store = store;
    this.#publisher = publisher;
    this.#log = log;
  }

  async join(subscriber: Subscription, { view }: SubscribeRequest): Promise<JoinResult> {
    const wanted = leaderboardView.parse(view ?? {});
    const feed = this.#feeds.get(wanted.window) ?? this.#open(wanted.window);
    this.#windowOf.set(subscriber, wanted.window);
    try {
      return await feed.join(subscriber, wanted);
    } catch (error) {
      this.leave(subscriber);
      throw error;
    }
  }

  leave(subscriber: Subscription): void {
    const window = this.#windowOf.get(subscriber);
    const feed = this.#feeds.get(window);
    this.#windowOf.delete(subscriber);
    feed?.leave(subscriber);
    if (!feed?.isEmpty) return;
    this.#feeds.delete(window);
    feed.close();
  }

  receive(): void {
    for (const feed of this.#feeds.values()) feed.expectChanges();
  }

  resync(): void {
    this.receive();
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #open(window: string | undefined): WindowFeed {
    const name = `leaderboard:${this.#store.board}|${window ?? ""}`;
    const feed = new WindowFeed(name, window, this.#store, this.#publisher, this.#log);
    this.#feeds.set(window, feed);
    return feed;
  }
}
