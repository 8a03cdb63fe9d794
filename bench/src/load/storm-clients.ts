import { randomInt } from "node:crypto";
import type { Position, Push } from "@grandstand/shared/channels";
import type { ReplyFrame } from "@grandstand/shared/frames";
import { WebSocket } from "ws";
import { serve } from "../processes/service.js";
import { inBatches } from "./in-batches.js";

/** The delays of the SDK's `Backoff`: they double up to a bound, and jitter shortens each by up to half. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 5_000;

interface Load {
  urls: string[];
  token: string;
  room: string;
}

/** A subscriber of a room. Whenever its connection ends, it connects again and continues from its position. */
class Client {
  position: Position | undefined;
  messages = 0;
  /** How many times an offset was skipped, or the server replied that it could not recover the subscription. */
  gaps = 0;
  /** How many connection attempts the server refused since `storm` last dropped the connections. */
  refusals = 0;
  isLive = false;
  onLive = (): void => {};
  #socket: WebSocket | undefined;
  #attempts = 0;
  #isClosed = false;

  constructor(
    readonly url: string,
    readonly load: Load,
  ) {}

  open(): void {
    const { token, room } = this.load;
    const socket = new WebSocket(`${this.url.replace("http", "ws")}/v1/ws`, { perMessageDeflate: false });
    this.#socket = socket;
    socket.on("open", () => {
      socket.send(JSON.stringify({ id: 1, op: "connect", data: { token } }));
      const data = { channel: `chat:${room}`, since: this.position };
      socket.send(JSON.stringify({ id: 2, op: "channel.subscribe", data }));
    });
    socket.on("message", (text) => this.#receive(JSON.parse(String(text))));
    socket.on("error", () => {});
    socket.on("unexpected-response", (_request, response) => {
      this.refusals += 1;
      // This client waits at least as long as the server asks for. (Browsers hide this header from a page.)
      const seconds = Number(response.headers["retry-after"] ?? 0);
      response.resume();
      this.#comeBack(1_000 * seconds);
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.#comeBack(0);
    });
  }

  drop(): void {
    this.#socket?.terminate();
  }

  close(): void {
    this.#isClosed = true;
    this.drop();
  }

  #receive(frame: Partial<ReplyFrame> & { push?: Push }): void {
    if (frame.push) this.#take(frame.push.epoch, frame.push.publications);
    else if (frame.id === 2 && frame.ok) this.#subscribed(frame.data as never);
    else if (!frame.ok) this.drop();
  }

  #subscribed(reply: { position: Position; recovered: boolean; publications?: Push["publications"] }): void {
    if (reply.recovered) this.#take(reply.position.epoch, reply.publications ?? []);
    else if (this.position) this.gaps += 1;
    this.position = reply.position;
    this.#attempts = 0;
    this.isLive = true;
    this.onLive();
  }

  #take(epoch: string, publications: Push["publications"]): void {
    for (const { offset, data } of publications) {
      if (this.position && offset !== this.position.offset + 1) this.gaps += 1;
      this.messages += 1;
      this.position = { epoch, offset, id: (data as { id: string }).id };
    }
  }

  #comeBack(leastMs: number): void {
    this.isLive = false;
    this.#socket = undefined;
    if (this.#isClosed) return;
    const ceilingMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    setTimeout(() => this.#isClosed || this.open(), Math.max(leastMs, randomInt(ceilingMs / 2, ceilingMs)));
  }
}

let clients: Client[] = [];

const methods = {
  async connect(load: Load & { count: number }): Promise<void> {
    clients = Array.from(
      { length: load.count },
      (_, at) => new Client(load.urls[at % load.urls.length]!, load),
    );
    await inBatches(clients, async (client) => {
      client.open();
      await live(client);
    });
  },

  /**
   * Drops all connections at once.
   * @returns the seconds until all clients, and until half of them, were live again; and how many attempts were refused
   */
  async storm(): Promise<{ all: number; half: number; refusals: number }> {
    const startedAt = performance.now();
    for (const client of clients) {
      client.isLive = false;
      client.refusals = 0;
      client.drop();
    }
    const times = await Promise.all(
      clients.map(async (client) => {
        await live(client);
        return (performance.now() - startedAt) / 1_000;
      }),
    );
    times.sort((one, other) => one - other);
    const refusals = clients.reduce((sum, client) => sum + client.refusals, 0);
    return { all: times.at(-1)!, half: times[Math.floor(times.length / 2)]!, refusals };
  },

  /** User and system CPU time of this process. It shows whether this process was the bottleneck. */
  cpuMs(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },

  /** The fewest and the most messages that one client has received so far, and the gaps of all clients. */
  account: () => ({
    fewest: Math.min(...clients.map(({ messages }) => messages)),
    most: Math.max(...clients.map(({ messages }) => messages)),
    gaps: clients.reduce((sum, { gaps }) => sum + gaps, 0),
  }),

  close(): void {
    for (const client of clients) client.close();
  },
};

export type StormClients = typeof methods;

serve(methods);

function live(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.onLive = resolve;
    if (client.isLive) resolve();
  });
}
