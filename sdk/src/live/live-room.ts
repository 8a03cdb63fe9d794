import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatSnapshot, ChatTyping, ChatView } from "@grandstand/shared/events/chat";
import type { User } from "@grandstand/shared/user";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "./channel-subscription.js";
import { type LiveChatState, loadingChat, type ShownMessage } from "./chat-state.js";
import type { LiveChannel } from "./live-channels.js";
import { type Draft, Outbox, shownAs } from "./outbox.js";
import { applyItems, contentOf, letGoOldest, type RoomContent, withOlder } from "./room-content.js";
import { TypingUsers } from "./typing-users.js";
import { Viewers } from "./viewers.js";

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

/** How long a message may take to be sent. The server knows its key for longer. */
const SEND_TIMEOUT_MS = 60_000;
/** A little longer than the server's two seconds, by its own clock, which it would tell nothing within. */
const TYPING_INTERVAL_MS = 2_200;
const PAGE = 50;
const VIEW: ChatView = { messages: PAGE };

/** A room that is being followed, or written to: one subscription on the wire, and what its listeners see. */
export class LiveRoom implements LiveChannel, SubscriptionObserver<ChatView> {
  readonly room: string;
  readonly subscription: ChannelSubscription<ChatView>;
  readonly #wire: RoomWire;
  readonly #onUnused: (room: LiveRoom) => void;
  readonly #viewers = new Viewers<{ listener: () => void }>(() => this.#want());
  readonly #outbox = new Outbox();
  readonly #typing = new TypingUsers(() => this.#update({}));
  /** Null until the room was read. */
  #content: RoomContent | null = null;
  /** What has come since older messages were asked for; null when none are, or the list began anew meanwhile. */
  #sinceAsked: Publication[] | null = null;
  /** What each message was last shown as, so that what did not change stays the same object. */
  #shown = new WeakMap<ChatMessage, ShownMessage>();
  #state = loadingChat;
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
    const viewer = { listener };
    this.#viewers.attach(viewer);
    return () => this.#viewers.release(viewer);
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
    if (!from?.hasMore || this.#sinceAsked) return;
    const before = from.messages[0]?.offset ?? from.position.offset + 1;
    const since: Publication[] = [];
    this.#sinceAsked = since;
    this.#update({});
    try {
      const older = await this.#wire.call("chat.history", { room: this.room, before, limit: PAGE });
      if (this.#content && this.#sinceAsked === since) this.#content = withOlder(this.#content, older, since);
    } finally {
      if (this.#sinceAsked === since) {
        this.#sinceAsked = null;
        this.#update({});
      }
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
    const before = this.#readUpTo;
    this.#readUpTo = offset;
    try {
      await this.#wire.call("chat.read", { room: this.room, offset });
    } catch (error) {
      if (this.#readUpTo === offset) this.#readUpTo = before;
      throw error;
    }
  }

  /** The client is closed: what is shown stays, and nothing more comes. */
  end(error: GrandstandError): void {
    this.#isOver = true;
    this.#viewers.end();
    this.#stopTelling();
    this.#typing.clear();
    this.subscription.end();
    this.#update({ status: "failed", error });
  }

  reopen(): void {
    this.#isOver = false;
    this.#viewers.reopen();
    this.#content = null;
    this.#sinceAsked = null;
    this.#readUpTo = 0;
    this.#outbox.clear();
    this.#update(loadingChat);
    this.#want();
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
    this.#sinceAsked = null;
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
    this.#sinceAsked = null;
    this.#shown = new WeakMap();
    this.#update(loadingChat);
  }

  #want(): void {
    const isWanted = this.#viewers.all.length > 0;
    if (isWanted) this.#isIdle = false;
    this.subscription.want(isWanted ? VIEW : null);
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
    // Older ones that are under way belong right before the first.
    this.#content = this.#sinceAsked ? content : letGoOldest(content);
    this.#sinceAsked?.push(...items);
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
      isLoadingOlder: this.#sinceAsked !== null,
      messages: [...messages.map((message) => this.#show(message)), ...pending],
      typing: this.#typing.list(),
    };
    for (const { listener } of this.#viewers.present) listener();
    // One that is over goes on saying so.
    if (this.#isIdle && this.#outbox.size === 0 && !this.#isOver) this.#onUnused(this);
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
