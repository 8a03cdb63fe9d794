import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { Server, type ServerOptions, type Socket } from "socket.io";
import { type Client, type ClientOptions, createClient } from "../client.js";

/** A request as it arrived. */
export interface Request {
  operation: string;
  input: Record<string, unknown>;
  socket: Socket;
  /** The request is left unanswered unless this is called. */
  ack: (ack: Ack) => void;
}

type Answer = (request: Request) => void;

/** A real Socket.IO server in the test's process, which answers as the test says. */
export class TestNode {
  readonly io: Server;
  readonly url: string;
  readonly requests: Request[] = [];
  /** The tokens that were shown, one for each attempt to connect. */
  readonly tokens: unknown[] = [];
  /** What the next attempts are refused with. */
  readonly refusals: GrandstandError[] = [];
  /** Who is let in next. */
  user: Welcome["user"] = null;
  readonly #answers = new Map<string, Answer>();
  readonly #clients: Client[] = [];

  private constructor(io: Server, url: string) {
    this.io = io;
    this.url = url;
    io.use((socket, next) => {
      this.tokens.push(socket.handshake.auth.token);
      const refusal = this.refusals.shift();
      next(refusal && Object.assign(new Error(refusal.message), { data: refusal.toWire() }));
    });
    io.on("connection", (socket) => {
      socket.onAny((operation: string, input: Record<string, unknown>, ack: (ack: Ack) => void) => {
        const request = { operation, input, socket, ack };
        this.requests.push(request);
        this.#answers.get(operation)?.(request);
      });
      socket.emit("welcome", welcomeOf(socket, this.user));
    });
  }

  static async start(port = 0, options: Partial<ServerOptions> = {}): Promise<TestNode> {
    const http = createServer();
    const io = new Server(http, { serveClient: false, ...options });
    http.listen(port, "127.0.0.1");
    await once(http, "listening");
    return new TestNode(io, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get sockets(): Socket[] {
    return [...this.io.sockets.sockets.values()];
  }

  /** The inputs of an operation's requests so far. */
  inputsOf(operation: string): Record<string, unknown>[] {
    return this.requests.filter((request) => request.operation === operation).map(({ input }) => input);
  }

  answer(operation: string, answer: Answer): void {
    this.#answers.set(operation, answer);
  }

  /** Answers an operation with what `data` gives or throws. */
  reply(operation: string, data: (input: Record<string, unknown>) => unknown): void {
    this.answer(operation, ({ input, ack }) => {
      try {
        ack({ ok: true, data: data(input) });
      } catch (error) {
        if (!(error instanceof GrandstandError)) throw error;
        ack({ ok: false, error: error.toWire() });
      }
    });
  }

  push(push: Push): void {
    this.io.emit("push", push);
  }

  /** Breaks every connection as a network does, without a word. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.conn.close();
  }

  /** A client that is closed with the node. */
  connect(options: Partial<ClientOptions> = {}): Client {
    const client = createClient({ url: this.url, token: "secret", ...options });
    client.connect();
    this.#clients.push(client);
    return client;
  }

  /** Closes the clients and stops listening; resolves when every connection has ended. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.io.close();
  }
}

function welcomeOf(socket: Socket, user: Welcome["user"]): Welcome {
  return {
    connectionId: socket.id,
    nodeId: "test",
    user,
    serverTime: "2025-01-01T00:00:00.000Z",
    version: "0.1.0",
    limits: { channelsPerConnection: 128, frameBytes: 65_536 },
  };
}
