import { API_KEY } from "../grandstand/node.js";
import type { Children } from "../processes/children.js";
import { until } from "../processes/wait.js";
import { Worker } from "../processes/worker.js";
import type { ChatSender } from "./chat-sender.js";
import type { ChatSubscribers } from "./chat-subscribers.js";

const ROOM = "crowd";

/** A process that sends to one room, and a process with many subscribers of that room. */
export class ChatCrowd {
  readonly #urls: string[];
  readonly #sender: Worker<ChatSender>;
  readonly #subscribers: Worker<ChatSubscribers>;
  #size = 0;

  /** @param urls the URLs of the nodes to which both processes connect */
  constructor(children: Children, urls: string[]) {
    this.#urls = urls;
    this.#sender = Worker.start<ChatSender>(children, "load/chat-sender");
    this.#subscribers = Worker.start<ChatSubscribers>(children, "load/chat-subscribers");
  }

  /** Connects the subscribers, the same number to each node. */
  async connect(size: number): Promise<void> {
    const count = size / this.#urls.length;
    await this.#subscribers.call("connect", { urls: this.#urls, token: API_KEY, room: ROOM, count });
    this.#size += size;
  }

  /** The totals that all subscribers together have received so far. */
  received(): Promise<{ messages: number; pushes: number }> {
    return this.#subscribers.call("received", undefined);
  }

  /** Sends at a steady rate. Resolves with the number of messages once every subscriber has received all of them. */
  async send(perSecond: number, seconds: number): Promise<number> {
    const before = await this.received();
    const load = { urls: this.#urls, token: API_KEY, room: ROOM, perSecond, seconds };
    const sent = await this.#sender.call("sendPaced", load);
    await until("every message has arrived", async () => {
      const { messages } = await this.received();
      return messages - before.messages === sent * this.#size;
    });
    return sent;
  }

  /**
   * Sends messages one by one to the first node, in another room. Resolves with how many ms each message took to
   * reach a reader on the last node.
   */
  measureLone(count: number): Promise<number[]> {
    return this.#sender.call("measureLone", { urls: this.#urls, token: API_KEY, room: "quiet", count });
  }
}
