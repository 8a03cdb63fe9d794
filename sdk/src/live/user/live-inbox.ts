import type { Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { CallOperation } from "../../call-operation.js";
import { Listeners } from "../../listeners.js";
import { LATER, Retry, retryAfter } from "../channel/retry.js";
import type { LazyLive } from "../lazy-live.js";
import { applyEvents, type InboxEvent, readAgain, withPage } from "./inbox-content.js";
import { type InboxRoom, type LiveInboxState, loadingInbox } from "./inbox-state.js";
import type { LiveUsers } from "./live-user.js";
import { OWN, type UserFollower } from "./user-follower.js";

/** The most rooms that one call reads. The server has the same limit. */
const MOST_PER_PAGE = 100;
const PAGE = 50;

/**
 * The user's rooms. They are read once per subscription to the user's channel, whose publications keep them
 * up to date.
 */
export class LiveInbox implements UserFollower {
  /** Set by the client. */
  onOpen: () => void = () => {};
  /** Whether the inbox itself needs the connection. It does not: its subscription to the user's channel does. */
  readonly isUsed = false;
  readonly #call: CallOperation;
  readonly #users: LazyLive<LiveUsers>;
  readonly #listeners = new Listeners();
  readonly #retry = new Retry(() => void this.#read());
  readonly #refusedRetry = new Retry(() => void this.#read(), LATER);
  #state = loadingInbox;
  #cursor: string | null = null;
  /**
   * The events since `#read` began: publications, and the results of `markRead`. They are applied to the rooms that
   * `#read` returns. Null while `#read` is not running.
   */
  #since: InboxEvent[] | null = null;
  #stopFollowing: (() => void) | null = null;

  constructor(call: CallOperation, users: LazyLive<LiveUsers>) {
    this.#call = call;
    this.#users = users;
  }

  get state(): LiveInboxState {
    return this.#state;
  }

  listen(listener: () => void): () => void {
    const remove = this.#listeners.add(listener);
    this.#stopFollowing ??= this.#users.use((live) => live.open(OWN).follow(this));
    return () => {
      if (!remove() || this.#listeners.size > 0) return;
      this.#stopFollowing?.();
      this.#stopFollowing = null;
      this.#rest();
      // The rooms are kept and marked as `stale`. A page that listens again later can show them at once.
      this.#state = { ...this.#state, status: this.#state.status === "loading" ? "loading" : "stale" };
    };
  }

  retry(): void {
    this.#users.loaded?.find(OWN)?.subscription.retry();
    if (this.#refusedRetry.isWaiting) void this.#read();
  }

  async loadMore(): Promise<void> {
    if (this.#cursor === null || this.#state.isLoadingMore) return;
    const cursor = this.#cursor;
    this.#become({ isLoadingMore: true });
    try {
      const page = await this.#call("chat.rooms", { limit: PAGE, cursor });
      if (cursor !== this.#cursor) return;
      this.#cursor = page.nextCursor;
      this.#show(withPage(this.#state.rooms, page.rooms));
    } finally {
      this.#become({ isLoadingMore: false });
    }
  }

  async markRead(room: string, offset?: number): Promise<void> {
    const known = this.#state.rooms.find((one) => one.room === room);
    const last = known?.lastMessage?.offset ?? 0;
    const upTo = offset ?? last;
    if (upTo <= (known?.read ?? 0)) return;
    const { offset: mark } = await this.#call("chat.read", { room, offset: upTo });
    const read: InboxEvent = { event: "chat.read", data: { room, offset: mark } };
    const isAllRead = known !== undefined && mark >= last;
    this.#take(isAllRead ? [read, { event: "chat.unread", data: { ...known, unread: 0 } }] : [read]);
  }

  onFollowing(status: LiveInboxState["status"], error: GrandstandError | null): void {
    if (status === "live") {
      void this.#read();
      return;
    }
    this.#rest();
    // When the user's channel is loading again, the client may have another user. So the state is dropped.
    if (status === "loading") this.#become({ ...loadingInbox, error });
    else this.#become({ status, error });
  }

  onPublication({ event, data }: Publication): void {
    const isOwn = event === "chat.unread" || event === "chat.read" || event === "profile.updated";
    if (isOwn) this.#take([{ event, data } as InboxEvent]);
  }

  onLive(): void {}
  onLost(): void {}
  onPush(): void {}
  onRefreshed(): void {
    this.retry();
  }

  end(error: GrandstandError): void {
    this.#rest();
    this.#become({ status: "failed", error });
  }

  reopen(): void {
    this.#cursor = null;
    this.#become(loadingInbox);
  }

  #take(events: readonly InboxEvent[]): void {
    this.#since?.push(...events);
    if (this.#state.status === "live") this.#show(applyEvents(this.#state.rooms, events));
  }

  #rest(): void {
    this.#since = null;
    this.#retry.cancel();
    this.#refusedRetry.cancel();
  }

  /** Reads as many rooms as are in the list, but at least `PAGE`. */
  async #read(): Promise<void> {
    this.#rest();
    const since: InboxEvent[] = [];
    this.#since = since;
    const wanted = Math.max(PAGE, this.#state.rooms.length);
    let rooms: InboxRoom[] = [];
    let cursor: string | null = null;
    try {
      do {
        const limit = Math.min(MOST_PER_PAGE, wanted - rooms.length);
        const page: OutputOf<"chat.rooms"> = await this.#call("chat.rooms", {
          limit,
          ...(cursor !== null && { cursor }),
        });
        // Another read has begun, or this one is not needed any more.
        if (this.#since !== since) return;
        rooms = withPage(rooms, page.rooms);
        cursor = page.nextCursor;
      } while (cursor !== null && rooms.length < wanted);
      this.#onRead({ rooms, nextCursor: cursor }, since);
    } catch (error) {
      if (this.#since === since) this.#onError(error as GrandstandError);
    }
  }

  #onRead({ rooms, nextCursor }: OutputOf<"chat.rooms">, since: readonly InboxEvent[]): void {
    this.#rest();
    this.#retry.reset();
    this.#refusedRetry.reset();
    this.#cursor = nextCursor;
    this.#state = { ...this.#state, status: "live", error: null };
    this.#show(applyEvents(readAgain(this.#state.rooms, rooms), since));
  }

  #onError(error: GrandstandError): void {
    this.#rest();
    const retry = retryAfter(error);
    if (retry === "soon") {
      this.#retry.schedule(error.retryAfterMs);
      this.#become({ status: this.#state.rooms.length > 0 ? "stale" : "loading", error });
      return;
    }
    if (retry === "later") this.#refusedRetry.schedule();
    this.#become({ status: "failed", error });
  }

  #show(rooms: readonly InboxRoom[]): void {
    const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
    this.#become({ rooms, unread, hasMore: this.#cursor !== null });
  }

  #become(change: Partial<LiveInboxState>): void {
    this.#state = { ...this.#state, ...change };
    this.#listeners.notify();
  }
}
