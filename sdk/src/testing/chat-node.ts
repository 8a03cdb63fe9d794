import type { Position, Publication } from "@grandstand/shared/channels";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { Profile } from "@grandstand/shared/user";
import { chatMessage } from "./chat-message.js";
import type { TestNode } from "./test-node.js";

/** A chat room on a `TestNode`: its log, and handlers that reply as a real server does. */
export class ChatNode {
  readonly room = "lobby";
  epoch = "one";
  log: Publication[] = [];
  /** The first reply for each idempotency key. */
  readonly answers = new Map<unknown, ChatMessage>();
  /** The current profile of each user. */
  readonly profiles = new Map<string, Profile>();
  readonly #node: TestNode;

  /** A message from a `chat.send` call has no user, like the messages of a caller with an API key. */
  constructor(node: TestNode) {
    this.#node = node;
    node.answer("channel.subscribe", ({ input, ack, socket }) => {
      void socket.join("followers");
      ack({
        ok: true,
        data: { channel: input.channel, ...this.#opening(input.since as Position | undefined) },
      });
    });
    node.reply("channel.unsubscribe", ({ channel }) => ({ channel }));
    node.reply("chat.history", ({ before, after, limit }) => {
      if (after !== undefined) {
        const later = this.messages.filter(({ offset }) => offset > (after as number));
        const messages = later.slice(0, limit as number);
        return { messages, hasMore: messages.length < later.length, position: this.position };
      }
      const older = this.messages.filter(({ offset }) => offset < (before as number));
      const messages = older.slice(-(limit as number));
      return { messages, hasMore: messages.length < older.length, position: this.position };
    });
    node.reply("user.profiles", ({ users }) => ({
      profiles: (users as string[]).map((user) => ({ user, profile: this.profiles.get(user) ?? null })),
    }));
    node.reply("chat.send", ({ idempotencyKey, text, replyTo = null }) => {
      const known = this.answers.get(idempotencyKey);
      if (known) return { message: known };
      const message = this.say(text as string, null, replyTo as number | null);
      this.answers.set(idempotencyKey, message);
      return { message };
    });
  }

  get position(): Position {
    const last = this.log.at(-1);
    return { epoch: this.epoch, offset: this.log.length, ...(last && { id: idOf(last) }) };
  }

  /** The messages of the log. */
  get messages(): ChatMessage[] {
    return this.log.filter(({ event }) => event === "chat.message").map(({ data }) => data as ChatMessage);
  }

  say(text: string, user: string | null = "bo", replyTo: number | null = null): ChatMessage {
    const offset = this.log.length + 1;
    const id = `${this.epoch}-${offset}`;
    const message = chatMessage(offset, { id, user, text, replyTo });
    this.append("chat.message", message);
    return message;
  }

  append(event: string, data: object): void {
    const offset = this.log.length + 1;
    const publication = { offset, event, data: { id: `${this.epoch}-${offset}`, ...data } };
    this.log.push(publication);
    this.push([publication]);
  }

  push(publications: Publication[]): void {
    this.#node.io
      .to("followers")
      .emit("push", { channel: `chat:${this.room}`, epoch: this.epoch, publications });
  }

  /** Deletes the log; the room continues in another epoch. */
  lose(epoch: string): void {
    this.epoch = epoch;
    this.log = [];
  }

  #opening(since: Position | undefined) {
    const there = since && this.log[since.offset - 1];
    const isKnown =
      since?.epoch === this.epoch &&
      since.offset <= this.log.length &&
      (since.offset === 0 || (there && idOf(there) === since.id));
    if (since && isKnown) {
      return { position: this.position, recovered: true, publications: this.log.slice(since.offset) };
    }
    const { messages } = this;
    const snapshot = { messages: messages.slice(-50), hasMore: messages.length > 50 };
    return { position: this.position, recovered: false, ...(since && { reason: "epoch" }), snapshot };
  }
}

function idOf({ data }: Publication): string {
  return (data as { id: string }).id;
}
