import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatSnapshot, ChatTyping, ChatView } from "@grandstand/shared/events/chat";
import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import type { User } from "@grandstand/shared/user";
import type { CallOperation } from "../../call-operation.js";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "../channel/channel-subscription.js";
import { type LiveChannel, LiveChannels } from "../channel/live-channels.js";
import { withProfiles } from "../channel/profile-change.js";
import { Retry } from "../channel/retry.js";
import { Viewers } from "../channel/viewers.js";
import { type Draft, type LiveChatState, loadingChat, type ShownMessage, shownAs } from "./chat-state.js";
import { findLostSend } from "./lost-send.js";
import { isSafeToSend, Outbox, type Outgoing } from "./outbox.js";
import { applyItems, contentOf, letGoOldest, type RoomContent, withOlder } from "./room-content.js";
import { TypingNotices, TypingUsers } from "./typing-users.js";

/** The part of the client that a live room uses. */
export interface RoomWire extends SubscriptionWire {
  readonly call: CallOperation;
  /** The client's user; null until it is known, and for a server with an API key. */
  readonly me: User | null;
  /** Called when a message arrived, or when the room was marked as read. */
  readonly onUnreadChanged?: (room: string) => void;
}

/** The rooms that a client follows or sends messages to. */
export class LiveRooms extends LiveChannels<LiveRoom> {
  constructor(wire: RoomWire) {
    super("chat:", (room, onUnused) => new LiveRoom(room, wire, onUnused));
  }
}

/** The timeout of `chat.send`. The server remembers the idempotency key for longer. */
const SEND_TIMEOUT_MS = 60_000;
/** If an acknowledged message is not published to this client within this time, the room is read again. */
const ARRIVAL_MS = 2_000;
const PAGE = 50;
/** The most profiles that one call reads. The server has the same limit. */
const PROFILES = 100;
const VIEW: ChatView = { messages: PAGE };

/**
 * A room that is followed, or that messages are sent to. All listeners share one subscription and one state.
 */
export class LiveRoom implements LiveChannel, SubscriptionObserver<ChatView> {
  readonly room: string;
  readonly subscription: ChannelSubscription<ChatView>;
  readonly #wire: RoomWire;
  readonly #onUnused: (room: LiveRoom) => void;
  readonly #viewers = new Viewers<{ listener: () => void }>(() => this.#want());
  readonly #outbox = new Outbox();
  readonly #typing = new TypingUsers(() => this.#update({}));
  readonly #notices = new TypingNotices(() => this.#tellTyping());
  readonly #arrivals = new Retry(() => this.#checkArrivals());
  /**
   * The keys of the messages that were acknowledged before the last subscribe request. The reply to that
   * request contains each of them, unless the message is older than all messages in the reply, or the
   * room's log was lost.
   */
  #sentBefore: readonly string[] = [];
  /** Null before the first snapshot. */
  #content: RoomContent | null = null;
  /**
   * The items that arrived since older messages were requested. Null if no such request is running, or if a
   * snapshot arrived during the request.
   */
  #sinceAsked: Publication[] | null = null;
  /** The shown form of each message, so that unchanged messages stay the same objects. */
  #shown = new WeakMap<ChatMessage, ShownMessage>();
  #state = loadingChat;
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

  listen(listener: () => void): () => void {
    return this.#viewers.listen({ listener });
  }

  /** @param key the idempotency key of the message. It is also the `key` of the shown message. */
  send(draft: Draft, key: string): void {
    const { me } = this.#wire;
    const profile = me && me.name !== null ? { name: me.name, avatar: me.avatar } : null;
    this.#outbox.add(key, draft, this.#content?.position ?? null, me && { id: me.id, profile });
    this.#notices.stop();
    this.#update({});
    this.#settle(key, this.#transmit(key, draft));
  }

  /** @param key the key of a failed message to send again; without a key, the subscription is retried */
  retry(key?: string): void {
    if (key === undefined) {
      this.subscription.retry();
      return;
    }
    const outgoing = this.#outbox.retry(key);
    if (!outgoing) return;
    this.#update({});
    const sent = isSafeToSend(outgoing) ? this.#transmit(key, outgoing.draft) : this.#sendAnew(key, outgoing);
    this.#settle(key, sent);
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
      if (this.#content && this.#sinceAsked === since) {
        this.#content = withOlder(this.#content, older, since);
        this.#state = { ...this.#state, lost: null };
      }
    } finally {
      if (this.#sinceAsked === since) {
        this.#sinceAsked = null;
        this.#update({});
      }
    }
  }

  tellTyping(): void {
    this.#notices.due();
  }

  async markRead(): Promise<void> {
    const offset = this.#content?.messages.at(-1)?.offset ?? 0;
    if (offset <= this.#readUpTo) return;
    const before = this.#readUpTo;
    this.#readUpTo = offset;
    try {
      await this.#wire.call("chat.read", { room: this.room, offset });
      if (this.#state.lost !== null) this.#update({ lost: null });
      this.#wire.onUnreadChanged?.(this.room);
    } catch (error) {
      if (this.#readUpTo === offset) this.#readUpTo = before;
      throw error;
    }
  }

  /** The client is closed. The status of the room becomes `failed`, and its messages stay in the state. */
  end(error: GrandstandError): void {
    this.#isOver = true;
    this.#viewers.end();
    this.#notices.stop();
    this.#arrivals.cancel();
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

  /** The client is connected and about to subscribe. */
  onRequest(): void {
    this.#sentBefore = this.#outbox.acknowledged;
    if (this.#content && this.#state.status === "stale") this.#update({ status: "catchingUp" });
  }

  onSubscribed({ recovered, reason, position, publications = [], snapshot }: ChannelReply): void {
    if (recovered && this.#content) {
      this.#state = { ...this.#state, lost: null };
      this.#take(publications as Publication[], "live");
      this.#forgetLost();
      void this.#readProfiles();
      return;
    }
    if (!snapshot) {
      this.#readAgain();
      return;
    }
    this.#content = contentOf(snapshot as ChatSnapshot, position);
    this.#sinceAsked = null;
    this.#readUpTo = 0;
    const lost = reason ?? null;
    this.#update({ status: "live", error: null, ...(lost && { lost: lost as RecoveryFailure }) });
    this.#forgetLost();
  }

  onPublications(publications: Publication[]): void {
    for (const { event, data } of publications) {
      if (event === "chat.typing") this.#typing.note(data as ChatTyping);
    }
    const items = publications.filter(({ event }) => event !== "chat.typing" && event !== "profile.updated");
    if (items.length > 0) this.#take(items, this.#state.status);
    for (const { event, data } of publications) {
      if (event === "profile.updated") this.#rename(data as ProfileUpdated);
    }
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
    this.#notices.stop();
    this.#arrivals.cancel();
    this.#typing.clear();
    this.#content = null;
    this.#sinceAsked = null;
    this.#shown = new WeakMap();
    this.#update(loadingChat);
  }

  #rename(change: ProfileUpdated): void {
    this.#typing.rename(change);
    if (this.#content) {
      this.#content = { ...this.#content, messages: withProfiles(this.#content.messages, change) };
    }
    this.#update({});
  }

  /**
   * Reads the authors' profiles after a recovery, because a recovery does not include changes of profiles.
   */
  async #readProfiles(): Promise<void> {
    const authors = new Set(this.#content?.messages.toReversed().flatMap(({ user }) => user ?? []));
    const users = [...authors].slice(0, PROFILES);
    if (users.length === 0) return;
    try {
      const { profiles } = await this.#wire.call("user.profiles", { users });
      // If the server has no profile of the user, the profile in the message stays.
      for (const change of profiles) if (change.profile !== null) this.#rename(change);
    } catch {
      // A failure is ignored: the names may be out of date until the users change them again.
    }
  }

  #want(): void {
    const isWanted = this.#viewers.all.length > 0;
    if (isWanted) this.#isIdle = false;
    this.subscription.want(isWanted ? VIEW : null);
  }

  #tellTyping(): void {
    if (!this.#wire.isLive) return;
    // A lost notice does no harm: the next key press sends another one.
    this.#wire.call("chat.typing", { room: this.room }).catch(() => {});
  }

  #take(items: Publication[], status: LiveChatState["status"]): void {
    const content = this.#content && applyItems(this.#content, items);
    if (!content) {
      this.#readAgain();
      return;
    }
    // While older messages are being loaded, no message is dropped. A dropped message would be missing between the older
    // messages and the list.
    this.#content = this.#sinceAsked ? content : letGoOldest(content);
    this.#sinceAsked?.push(...items);
    for (const { event, data } of items) {
      if (event === "chat.message") this.#typing.forget((data as ChatMessage).user);
    }
    this.#update({ status, error: null });
    if (items.some(({ event }) => event === "chat.message")) this.#wire.onUnreadChanged?.(this.room);
  }

  /** Subscribes again, because the content lacks a publication. */
  #readAgain(): void {
    this.subscription.resync();
    this.onInterrupted(null);
  }

  /**
   * Forgets the messages of `#sentBefore` that the reply to the subscription did not contain. They were published before
   * the subscription, so no later publication contains them either.
   */
  #forgetLost(): void {
    if (this.#sentBefore.length > 0) {
      this.#outbox.forgetSent(this.#sentBefore);
      this.#sentBefore = [];
      this.#update({});
    }
    this.#expectArrivals();
  }

  /** Checks later that the acknowledged messages have arrived. */
  #expectArrivals(): void {
    if (this.#outbox.acknowledged.length > 0) this.#arrivals.scheduleIn(ARRIVAL_MS);
  }

  /** Reads the room again if an acknowledged message has not arrived. */
  #checkArrivals(): void {
    if (this.#outbox.acknowledged.length > 0 && this.#state.status === "live") this.#readAgain();
  }

  async #transmit(key: string, draft: Draft): Promise<ChatMessage> {
    const input = { ...draft, room: this.room, idempotencyKey: key };
    return (await this.#wire.call("chat.send", input, { timeoutMs: SEND_TIMEOUT_MS })).message;
  }

  /** Sends a message again. Looks for it in the log first, because the server may have forgotten its idempotency key. */
  async #sendAnew(key: string, outgoing: Outgoing): Promise<ChatMessage> {
    const found = await findLostSend(this.#wire.call, this.room, this.#outbox, outgoing);
    if (found === null) return this.#transmit(key, outgoing.draft);
    if (found !== "unknown") return found;
    throw new GrandstandError(
      "conflict",
      "The message may have been sent already; the log no longer shows it",
    );
  }

  #settle(key: string, sent: Promise<ChatMessage>): void {
    sent.then(
      (message) => {
        this.#outbox.acknowledge(key, message);
        this.#update({});
        this.#expectArrivals();
      },
      (error: unknown) => {
        this.#outbox.fail(key, error instanceof GrandstandError ? error : unsendable(error));
        this.#update({});
      },
    );
  }

  #update(change: Partial<LiveChatState>): void {
    const messages = this.#content?.messages ?? [];
    // Without listeners, no list arrives that could contain an acknowledged message. The outbox would keep the message
    // forever, so it forgets the message now.
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
    for (const { listener } of this.#viewers.attached) listener();
    // A closed client keeps the room, so that the room's state remains `failed`.
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
