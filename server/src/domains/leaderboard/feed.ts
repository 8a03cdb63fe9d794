import { type LeaderboardView, leaderboardView } from "@grandstand/shared/events/leaderboard";
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

/** The feed of one board. Has a `WindowFeed` for each pair of window and `where` that a subscription on this node follows. */
class BoardFeed implements Feed {
  readonly #store: BoardStore;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  /** By window and `where`. An empty window stands for the board's first window. */
  readonly #feeds = new Map<string, WindowFeed>();
  readonly #feedOf = new Map<Subscription, string>();

  constructor(store: BoardStore, publisher: Publisher, log: Logger) {
    this.#store = store;
    this.#publisher = publisher;
    this.#log = log;
  }

  async join(subscriber: Subscription, { view }: SubscribeRequest): Promise<JoinResult> {
    const wanted = leaderboardView.parse(view ?? {});
    const name = `${wanted.window ?? ""}${wanted.where ? `|${JSON.stringify(wanted.where)}` : ""}`;
    const feed = this.#feeds.get(name) ?? this.#open(name, wanted);
    this.#feedOf.set(subscriber, name);
    try {
      return await feed.join(subscriber, wanted);
    } catch (error) {
      this.leave(subscriber);
      throw error;
    }
  }

  leave(subscriber: Subscription): void {
    const name = this.#feedOf.get(subscriber) ?? "";
    const feed = this.#feeds.get(name);
    this.#feedOf.delete(subscriber);
    feed?.leave(subscriber);
    if (!feed?.isEmpty) return;
    this.#feeds.delete(name);
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

  #open(name: string, { window, where }: LeaderboardView): WindowFeed {
    const unique = `leaderboard:${this.#store.board}|${name}`;
    const feed = new WindowFeed(unique, { window, where }, this.#store, this.#publisher, this.#log);
    this.#feeds.set(name, feed);
    return feed;
  }
}
