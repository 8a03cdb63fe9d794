import { once } from "node:events";
import { createServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import { Server } from "socket.io";
import { WebSocket, WebSocketServer } from "ws";
import { type Client, type ClientOptions, createClient } from "../client.js";
import { type ServedSocket, SocketIoSocket, WebSocketSocket } from "./served-sockets.js";

/** A request as it arrived. */
export interface Request {
  operation: string;
  input: Record<string, unknown>;
  socket: ServedSocket;
  /** Sends the reply. Without this call, the request gets no reply. */
  ack: (ack: Ack) => void;
}

type Answer = (request: Request) => void;

export interface TestNodeOptions {
  /** With `polling`, the node refuses the WebSockets of Socket.IO, as a network that blocks them does. */
  socketIo?: "websocket" | "polling";
  /** What happens to the upgrade of a plain WebSocket. */
  webSocket?: "served" | "refused" | "unanswered";
}

const REFUSED = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** A server for Socket.IO and plain WebSocket in the test's process. The test defines how it replies. */
export class TestNode {
  readonly url: string;
  readonly requests: Request[] = [];
  /** The tokens that clients sent, one for each attempt to connect. */
  readonly tokens: unknown[] = [];
  /** The errors with which the next attempts are refused, one for each attempt. */
  readonly refusals: GrandstandError[] = [];
  /** The user to whom the next connections belong. */
  user: Welcome["user"] = null;
  /** When the credentials of the next connections expire. */
  expiresAt: string | undefined;
  webSocket: NonNullable<TestNodeOptions["webSocket"]>;
  socketIo: NonNullable<TestNodeOptions["socketIo"]>;
  /** Whether requests are left without any reply, as on a dead connection. */
  isSilent = false;
  /** How many plain WebSockets clients tried to open. */
  upgrades = 0;
  readonly #http: HttpServer;
  readonly #engine: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #hanging = new Set<Duplex>();
  readonly #sockets = new Set<ServedSocket>();
  readonly #answers = new Map<string, Answer>();
  readonly #clients: Client[] = [];

  private constructor(http: HttpServer, engine: Server, options: TestNodeOptions) {
    this.#http = http;
    this.#engine = engine;
    this.webSocket = options.webSocket ?? "served";
    this.socketIo = options.socketIo ?? "websocket";
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    engine.use((socket, next) => {
      const refusal = this.#admit(socket.handshake.auth.token);
      next(refusal && Object.assign(new Error(refusal.message), { data: wireErrorOf(refusal) }));
    });
    engine.on("connection", (socket) => this.#serve(new SocketIoSocket(socket)));
    const engineUpgrades = http.listeners("upgrade");
    http.removeAllListeners("upgrade");
    http.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (request.url === "/v1/ws") this.#upgrade(request, stream, head);
      else if (this.socketIo === "polling") stream.end(REFUSED);
      else for (const upgrade of engineUpgrades) upgrade.call(http, request, stream, head);
    });
  }

  static async start(port = 0, options: TestNodeOptions = {}): Promise<TestNode> {
    const http = createServer();
    const engine = new Server(http, {
      serveClient: false,
      destroyUpgrade: false,
    });
    http.listen(port, "127.0.0.1");
    await once(http, "listening");
    return new TestNode(http, engine, options);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The connections, the oldest first. */
  get sockets(): ServedSocket[] {
    return [...this.#sockets];
  }

  /** Sends to all connections, or to a group of them. */
  readonly io = {
    emit: (event: string, data: unknown) => {
      for (const socket of this.sockets) socket.emit(event, data);
    },
    to: (group: string) => ({
      emit: (event: string, data: unknown) => {
        for (const socket of this.sockets) if (socket.groups.has(group)) socket.emit(event, data);
      },
    }),
    socketsLeave: (group: string) => {
      for (const { groups } of this.sockets) groups.delete(group);
    },
  };

  /** The inputs of an operation's requests so far. */
  inputsOf(operation: string): Record<string, unknown>[] {
    return this.requests.filter((request) => request.operation === operation).map(({ input }) => input);
  }

  answer(operation: string, answer: Answer): void {
    this.#answers.set(operation, answer);
  }

  /** Answers an operation with what `data` returns or throws. */
  reply(operation: string, data: (input: Record<string, unknown>) => unknown): void {
    this.answer(operation, ({ input, ack }) => {
      try {
        ack({ ok: true, data: data(input) });
      } catch (error) {
        if (!(error instanceof GrandstandError)) throw error;
        ack({ ok: false, error: wireErrorOf(error) });
      }
    });
  }

  push(push: Push): void {
    this.io.emit("push", push);
  }

  /** Breaks every connection without a close notice, as a failing network does. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.break();
  }

  /** Creates a client that `stop` closes. */
  connect(options: Partial<ClientOptions> = {}): Client {
    const webSocket = WebSocket as unknown as typeof globalThis.WebSocket;
    const client = createClient({ url: this.url, token: "secret", webSocket, ...options });
    this.#clients.push(client);
    return client;
  }

  /** Creates a client that connects at once and that `stop` closes. */
  open(options: Partial<ClientOptions> = {}): Client {
    const client = this.connect(options);
    client.connect();
    return client;
  }

  /** Closes the clients and stops listening; resolves when every connection has ended. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const stream of this.#hanging) stream.destroy();
    await this.#engine.close();
    for (const socket of this.sockets) socket.break();
    this.#http.closeAllConnections();
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.upgrades += 1;
    if (this.webSocket === "refused") stream.end(REFUSED);
    else if (this.webSocket === "unanswered") {
      this.#hanging.add(stream);
      stream.on("error", () => {});
    } else {
      this.#webSockets.handleUpgrade(request, stream, head, (socket) => {
        new WebSocketSocket(socket).onConnect((served, { token }, reply) => {
          const refusal = this.#admit(token);
          if (refusal) {
            reply({ ok: false, error: wireErrorOf(refusal) });
            if (refusal.code === "unauthenticated") socket.close(4502, "credentials refused");
          } else this.#serve(served, reply);
        });
      });
    }
  }

  #admit(token: unknown): GrandstandError | undefined {
    this.tokens.push(token);
    return this.refusals.shift();
  }

  #serve(socket: ServedSocket, reply?: (ack: Ack) => void): void {
    this.#sockets.add(socket);
    socket.once("disconnect", () => this.#sockets.delete(socket));
    socket.onRequest((operation, input, ack) => {
      if (this.isSilent) return;
      if (operation === "ping") {
        ack({ ok: false, error: { code: "bad_request", message: "There is no operation ping" } });
        return;
      }
      const request = { operation, input, socket, ack };
      this.requests.push(request);
      this.#answers.get(operation)?.(request);
    });
    const welcome = welcomeOf(socket.id, this.user, this.expiresAt);
    if (reply) reply({ ok: true, data: welcome });
    else socket.emit("welcome", welcome);
  }
}

function welcomeOf(connectionId: string, user: Welcome["user"], expiresAt: string | undefined): Welcome {
  return {
    connectionId,
    nodeId: "test",
    user,
    ...(expiresAt !== undefined && { expiresAt }),
    serverTime: new Date().toISOString(),
    version: "0.1.0",
    limits: { channelsPerConnection: 128, frameBytes: 65_536 },
  };
}
