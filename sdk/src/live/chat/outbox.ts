import type { Position } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { Profile } from "@grandstand/shared/user";
import { ageMsOf, type Instant, now } from "../../instant.js";
import { type Draft, type ShownMessage, shownAs } from "./chat-state.js";

/**
 * A message that the client's user sends. It stays outgoing until the server has answered the request and the
 * room's list of messages contains it.
 */
export interface Outgoing {
  readonly draft: Draft;
  /** The last position in the room's log that the client knew at the call of `send`; null if the room was not loaded. */
  readonly after: Position | null;
  readonly writtenAt: Instant;
  /** Whether an attempt to send the message got no reply, so that it may have succeeded. */
  readonly mayBeSent: boolean;
  readonly shown: ShownMessage;
  /** The message in the log, once the server has acknowledged it. */
  readonly sent: ChatMessage | null;
}

/**
 * For how long a message can be sent again safely with its idempotency key: the server keeps the key for
 * 300 s. A retry may wait 60 s for a connection, and 10 s are a margin.
 */
const KEY_KNOWN_MS = 230_000;

/**
 * The messages of the client's user, from the call of `send` until they have a reply and the list of the room
 * contains them.
 */
export class Outbox {
  /** By idempotency key. All attempts to send one message share the key. */
  readonly #outgoing = new Map<string, Outgoing>();
  /** The keys of own messages that are in the list or about to enter it, by message id. */
  readonly #keys = new Map<string, string>();

  get size(): number {
    return this.#outgoing.size;
  }

  /** @param key the idempotency key of all attempts to send the message */
  add(
    key: string,
    draft: Draft,
    after: Position | null,
    sender: { id: string; profile: Profile | null } | null,
  ): void {
    const shown: ShownMessage = {
      id: key,
      offset: null,
      user: sender?.id ?? null,
      text: draft.text,
      metadata: draft.metadata ?? null,
      replyTo: draft.replyTo ?? null,
      sentAt: new Date().toISOString(),
      editedAt: null,
      deleted: false,
      reactions: {},
      profile: sender?.profile ?? null,
      key,
      state: "sending",
      error: null,
    };
    this.#outgoing.set(key, { draft, after, writtenAt: now(), mayBeSent: false, shown, sent: null });
  }

  /** Sets a failed message to `sending` and returns it; null if the message has another state. */
  retry(key: string): Outgoing | null {
    const outgoing = this.#outgoing.get(key);
    if (outgoing?.shown.state !== "failed") return null;
    this.#become(key, outgoing, { state: "sending", error: null });
    return outgoing;
  }

  discard(key: string): void {
    if (this.#outgoing.get(key)?.shown.state === "failed") this.#outgoing.delete(key);
  }

  acknowledge(key: string, sent: ChatMessage): void {
    const outgoing = this.#outgoing.get(key);
    if (!outgoing) return;
    this.#keys.set(sent.id, key);
    this.#outgoing.set(key, { ...outgoing, sent, shown: shownAs(sent, key) });
  }

  fail(key: string, error: GrandstandError): void {
    const outgoing = this.#outgoing.get(key);
    if (!outgoing) return;
    const mayBeSent = outgoing.mayBeSent || mayHaveTakenEffect(error);
    this.#become(key, { ...outgoing, mayBeSent }, { state: "failed", error });
  }

  /** The keys of acknowledged messages that the list does not contain yet. */
  get acknowledged(): string[] {
    return [...this.#outgoing].filter(([, { sent }]) => sent).map(([key]) => key);
  }

  /**
   * Forgets acknowledged messages, because the list contains them, the log lost them, or there are no
   * listeners.
   */
  forgetSent(keys: readonly string[] = this.acknowledged): void {
    for (const key of keys) if (this.#outgoing.get(key)?.sent) this.#outgoing.delete(key);
  }

  /** Forgets everything, because the client may belong to another user now. */
  clear(): void {
    this.#outgoing.clear();
    this.#keys.clear();
  }

  /** The key of a message in the log. */
  keyOf({ id }: ChatMessage): string {
    return this.#keys.get(id) ?? id;
  }

  /**
   * Whether a message in the log may be this outgoing message, by its content. False if `#keys` already assigns
   * the message to another outgoing message.
   */
  isSame(message: ChatMessage, { shown, sent, after }: Outgoing): boolean {
    if (message.id === sent?.id) return true;
    return (
      sent === null &&
      message.offset > (after?.offset ?? 0) &&
      message.user === shown.user &&
      message.text === shown.text &&
      message.replyTo === shown.replyTo &&
      (this.#keys.get(message.id) ?? shown.key) === shown.key
    );
  }

  /**
   * The outgoing messages to show after `messages`. A message may be published to this client before it is
   * acknowledged. So a message in the log with the same content counts as the outgoing message and gets its
   * key.
   */
  pending(messages: readonly ChatMessage[]): ShownMessage[] {
    const taken = new Set<string>();
    const pending: ShownMessage[] = [];
    for (const [key, outgoing] of this.#outgoing) {
      const arrived = messages.find(
        (message) =>
          message.id === outgoing.sent?.id || (!taken.has(message.id) && this.isSame(message, outgoing)),
      );
      if (!arrived) {
        pending.push(outgoing.shown);
        continue;
      }
      taken.add(arrived.id);
      this.#keys.set(arrived.id, key);
      if (outgoing.shown.state !== "sending") this.#outgoing.delete(key);
    }
    this.#forgetKeys(messages);
    return pending;
  }

  /** Forgets the keys of messages that are neither in the list nor about to enter it. */
  #forgetKeys(messages: readonly ChatMessage[]): void {
    if (this.#keys.size === 0) return;
    const needed = new Set(messages.map(({ id }) => id));
    for (const { sent } of this.#outgoing.values()) if (sent) needed.add(sent.id);
    for (const id of this.#keys.keys()) if (!needed.has(id)) this.#keys.delete(id);
  }

  #become(key: string, outgoing: Outgoing, change: Pick<ShownMessage, "state" | "error">): void {
    this.#outgoing.set(key, { ...outgoing, shown: { ...outgoing.shown, ...change } });
  }
}

/**
 * Whether a message can be sent again without posting it twice: it was never sent, or the server still knows
 * its key.
 */
export function isSafeToSend({ writtenAt, mayBeSent }: Outgoing): boolean {
  return !mayBeSent || ageMsOf(writtenAt) < KEY_KNOWN_MS;
}

/** An error without `mayHaveTakenEffect` counts as a refusal, except for `unavailable` and `internal`. */
function mayHaveTakenEffect(error: GrandstandError & { mayHaveTakenEffect?: boolean | undefined }): boolean {
  return error.mayHaveTakenEffect ?? (error.code === "unavailable" || error.code === "internal");
}
