import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatSnapshot, ChatTyping, ChatView } from "@grandstand/shared/events/chat";
import type { User } from "@grandstand/shared/user";
import { Listeners } from "../listeners.js";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";
import { type LiveChatState, loadingChat, type ShownMessage } from "./chat-state.js";
import { type Draft, Outbox, shownAs } from "./outbox.js";
import { applyItems, contentOf, type RoomContent, withOlder } from "./room-content.js";
import { TypingUsers } from "./typing-users.js";

/** What a live room needs of its client. */
export interface RoomWire extends SubscriptionWire {
  readonly call: <N extends OperationName>(
    operation: N,
    input: InputOf<N>,
    options?: { timeoutMs?: number },
  ) => Promise<OutputOf<N>>;
  /** Who the client is; null before it is known, and for an app's server. */
  readonly me: User | null;
}

/** How long a room without listeners is kept: longer than a page needs to mount anew what it unmounted. */
const LINGER_MS = 1_000;
/** How long a message may take to be sent. The server knows its key for longer. */
const SEND_TIMEOUT_MS = 60_000;
/** A little longer than the server's two seconds, by its own clock, which it would tell nothing within. */
const TYPING_INTERVAL_MS = 2_200;
const PAGE = 50;
const VIEW: ChatView = { messages: PAGE };

/** A room that is being followed, or written to: one subscription on the wire, and what its listeners see. */
export class LiveRoom implements SubscriptionObserver<ChatView> {
  readonly room: string;
  readonly subscription: ChannelSubscription<ChatView>;
  readonly #wire: RoomWire;
  readonly #onUnused: (room: LiveRoom) => void;
  readonly #listeners = new Listeners();
  readonly #outbox = new Outbox();
  readonly #typing = new TypingUsers(() => this.#update({}));
  /** Null until the room was read. */
  #content: RoomContent | null = null;
  /** What each message was last shown as, so that what did not change stays the same object. */
  #shown = new WeakMap<ChatMessage, ShownMessage>();
  #state = loadingChat;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #typedAt = Number.NEGATIVE_INFINITY;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #readUpTo = 0;
  #isIdle = true;
  #isOver = false;

  constructor(room: string, wire: RoomWire, onUnused: (room: LiveRoom) => void) {
    this.room = room;
    this.#wire = wire;
    this.#onUnused = onUnused;
    this.subscription = new ChannelSubscription(`chat:${room}`, wire, this);
  }

  get state(): LiveChatState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    const remove = this.#listeners.add(listener);
    clearTimeout(this.#lingering);
    if (this.#listeners.size === 1 && !this.#isOver) {
      this.#isIdle = false;
      this.subscription.want(VIEW);
    }
    return () => {
      if (!remove() || this.#listeners.size > 0 || this.#isOver) return;
      this.#lingering = setTimeout(() => this.subscription.want(null), LINGER_MS);
    };
  }

  send(draft: Draft): string {
    const { me } = this.#wire;
    const profile = me && me.name !== null ? { name: me.name, avatar: me.avatar } : null;
    const after = this.#content?.position.offset ?? 0;
    const key = this.#outbox.add(draft, after, me && { id: me.id, profile });
    this.#stopTelling();
    this.#transmit(key, draft);
    return key;
  }

  retry(key: string): void {
    const draft = this.#outbox.retry(key);
    if (draft) this.#transmit(key, draft);
  }

  discard(key: string): void {
    this.#outbox.discard(key);
    this.#update({});
  }

  async loadOlder(): Promise<void> {
    const from = this.#content;
    if (!from?.hasMore || this.#state.isLoadingOlder) return;
    const before = from.messages[0]?.offset ?? from.position.offset + 1;
    this.#update({ isLoadingOlder: true });
    try {
      const older = await this.#wire.call("chat.history", { room: this.room, before, limit: PAGE });
      const now = this.#content;
      // It may have begun anew meanwhile.
      const fits = now?.messages[0] === from.messages[0] && older.position?.epoch === now?.position.epoch;
      if (now && fits) this.#content = withOlder(now, older.messages, older.hasMore);
    } finally {
      this.#update({ isLoadingOlder: false });
    }
  }

  tellTyping(): void {
    if (this.#typingTimer !== undefined) return;
    const waitMs = this.#typedAt + TYPING_INTERVAL_MS - Date.now();
    if (waitMs <= 0) this.#tellNow();
    else this.#typingTimer = setTimeout(() => this.#tellNow(), waitMs);
  }

  async markRead(): Promise<void> {
    const offset = this.#content?.messages.at(-1)?.offset ?? 0;
    if (offset <= this.#readUpTo) return;
    this.#readUpTo = offset;
    await this.#wire.call("chat.read", { room: this.room, offset });
  }

  /** The client is closed: what is shown stays, and nothing more comes. */
  end(error: GrandstandError): void {
    this.#isOver = true;
    clearTimeout(this.#lingering);
    this.#stopTelling();
    this.#typing.clear();
    this.subscription.end();
    this.#update({ status: "failed", error });
  }

  resumeFrom(): Position | null {
    return this.#content?.position ?? null;
  }

  /** The connection is back. */
  onAsking(): void {
    if (this.#content && this.#state.status === "stale") this.#update({ status: "catchingUp" });
  }

  onSubscribed({ recovered, reason, position, publications = [], snapshot }: ChannelReply): void {
    if (recovered && this.#content) {
      this.#take(publications as Publication[], "live");
      return;
    }
    if (!snapshot) {
      this.#readAgain();
      return;
    }
    this.#content = contentOf(snapshot as ChatSnapshot, position);
    this.#readUpTo = 0;
    this.#outbox.forgetSent();
    const lost = reason ?? null;
    this.#update({ status: "live", error: null, ...(lost && { lost: lost as RecoveryFailure }) });
  }

  onPublications(publications: Publication[]): void {
    for (const { event, data } of publications) {
      if (event === "chat.typing") this.#typing.note(data as ChatTyping);
    }
    const items = publications.filter(({ event }) => event !== "chat.typing");
    if (items.length > 0) this.#take(items, this.#state.status);
  }

  onInterrupted(error: GrandstandError | null): void {
    const interrupted = this.#wire.isLive ? "catchingUp" : "stale";
    this.#typing.clear();
    this.#update({ status: this.#content ? interrupted : "loading", error });
  }

  onRefused(error: GrandstandError): void {
    this.#typing.clear();
    this.#update({ status: "failed", error });
  }

  onIdle(): void {
    this.#isIdle = true;
    this.#stopTelling();
    this.#typing.clear();
    this.#content = null;
    this.#shown = new WeakMap();
    this.#update(loadingChat);
  }

  #tellNow(): void {
    this.#stopTelling();
    if (!this.#wire.isLive) return;
    this.#typedAt = Date.now();
    // Nobody waits for it: what was not told now is told with the next key.
    this.#wire.call("chat.typing", { room: this.room }).catch(() => {});
  }

  #stopTelling(): void {
    clearTimeout(this.#typingTimer);
    this.#typingTimer = undefined;
  }

  #take(items: Publication[], status: LiveChatState["status"]): void {
    const content = this.#content && applyItems(this.#content, items);
    if (!content) {
      this.#readAgain();
      return;
    }
    this.#content = content;
    for (const { event, data } of items) {
      if (event === "chat.message") this.#typing.forget((data as ChatMessage).user);
    }
    this.#update({ status, error: null });
  }

  /** What arrived does not follow upon what is known. */
  #readAgain(): void {
    this.subscription.resync();
    this.onInterrupted(null);
  }

  #transmit(key: string, draft: Draft): void {
    this.#update({});
    const input = { ...draft, room: this.room, idempotencyKey: key };
    this.#wire.call("chat.send", input, { timeoutMs: SEND_TIMEOUT_MS }).then(
      ({ message }) => {
        this.#outbox.acknowledge(key, message);
        this.#update({});
      },
      (error: unknown) => {
        this.#outbox.fail(key, error instanceof GrandstandError ? error : unsendable(error));
        this.#update({});
      },
    );
  }

  #update(change: Partial<LiveChatState>): void {
    const messages = this.#content?.messages ?? [];
    // Where nobody looks, what was sent has nowhere to come back to.
    if (this.#isIdle) this.#outbox.forgetSent();
    const pending = this.#outbox.pending(messages);
    this.#state = {
      ...this.#state,
      ...change,
      hasMore: this.#content?.hasMore ?? false,
      messages: [...messages.map((message) => this.#show(message)), ...pending],
      typing: this.#typing.list(),
    };
    this.#listeners.notify();
    if (this.#isIdle && this.#outbox.size === 0) this.#onUnused(this);
  }

  #show(message: ChatMessage): ShownMessage {
    const key = this.#outbox.keyOf(message);
    const before = this.#shown.get(message);
    if (before?.key === key) return before;
    const shown = shownAs(message, key);
    this.#shown.set(message, shown);
    return shown;
  }
}

function unsendable(cause: unknown): GrandstandError {
  return new GrandstandError("internal", "The message could not be sent", { cause });
}
