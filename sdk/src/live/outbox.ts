import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { Profile } from "@grandstand/shared/user";
import { newKey } from "../idempotency-key.js";
import type { ShownMessage } from "./chat-state.js";

/** What somebody says. */
export interface Draft {
  text: string;
  metadata?: ChatMessage["metadata"];
  /** The offset of the message that it answers. */
  replyTo?: number | null;
}

/** A message on its way. */
interface Outgoing {
  readonly draft: Draft;
  /** Where the room stood when it was written: it can only come behind that. */
  readonly after: number;
  readonly shown: ShownMessage;
  /** Its place, once that is known. */
  readonly sent: ChatMessage | null;
}

/** Own messages from the moment that they are written until they are in the list by themselves. */
export class Outbox {
  /** By the key that all tries of one message share. */
  readonly #outgoing = new Map<string, Outgoing>();
  /** The keys of messages that were sent from here, by id: kept for as long as a list has the messages. */
  readonly #keys = new Map<string, string>();

  get size(): number {
    return this.#outgoing.size;
  }

  /** @returns the message's key */
  add(draft: Draft, after: number, sender: { id: string; profile: Profile | null } | null): string {
    const key = newKey();
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
    this.#outgoing.set(key, { draft, after, shown, sent: null });
    return key;
  }

  /** What to send again, for a message that failed; null for any other. */
  retry(key: string): Draft | null {
    const outgoing = this.#outgoing.get(key);
    if (outgoing?.shown.state !== "failed") return null;
    this.#become(key, outgoing, { state: "sending", error: null });
    return outgoing.draft;
  }

  discard(key: string): void {
    if (this.#outgoing.get(key)?.shown.state === "failed") this.#outgoing.delete(key);
  }

  acknowledge(key: string, sent: ChatMessage): void {
    const outgoing = this.#outgoing.get(key);
    if (!outgoing) return;
    this.#keys.set(sent.id, key);
    this.#outgoing.set(key, { ...outgoing, sent, shown: { ...shownAs(sent, key) } });
  }

  fail(key: string, error: GrandstandError): void {
    const outgoing = this.#outgoing.get(key);
    if (outgoing) this.#become(key, outgoing, { state: "failed", error });
  }

  /** Forgets all that was sent: the list begins anew, and has it, or nobody looks. */
  forgetSent(): void {
    for (const [key, { sent }] of this.#outgoing) if (sent) this.#outgoing.delete(key);
  }

  /** Forgets everything, as another user may write from now on. */
  clear(): void {
    this.#outgoing.clear();
    this.#keys.clear();
  }

  /** The key of a message that has its place. */
  keyOf({ id }: ChatMessage): string {
    return this.#keys.get(id) ?? id;
  }

  /**
   * What is to be shown behind `messages`. A message may come back before its acknowledgement does: the one that
   * says the same is taken for it, and gets its key.
   */
  pending(messages: readonly ChatMessage[]): ShownMessage[] {
    const taken = new Set<string>();
    const pending: ShownMessage[] = [];
    for (const [key, { shown, sent, after }] of this.#outgoing) {
      const back = messages.find(
        (message) =>
          message.id === sent?.id ||
          (sent === null &&
            message.offset > after &&
            message.user === shown.user &&
            message.text === shown.text &&
            message.replyTo === shown.replyTo &&
            !taken.has(message.id) &&
            (this.#keys.get(message.id) ?? key) === key),
      );
      if (!back) {
        pending.push(shown);
        continue;
      }
      taken.add(back.id);
      this.#keys.set(back.id, key);
      if (shown.state !== "sending") this.#outgoing.delete(key);
    }
    this.#forgetKeys(messages);
    return pending;
  }

  /** Forgets the keys of messages that have left the list, and are not still to come into it. */
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

/** A message that has its place, as it is shown. */
export function shownAs(message: ChatMessage, key: string): ShownMessage {
  return { ...message, key, state: "sent", error: null };
}
