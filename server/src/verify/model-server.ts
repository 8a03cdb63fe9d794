import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Publication } from "@grandstand/shared/channels";
import { type WebSocket, WebSocketServer } from "ws";

/**
 * The ways in which a server breaks its guarantees. A server with `none` keeps them all; a server with `refuses` answers
 * every message with `unavailable`.
 */
export const defects = ["none", "drops", "duplicates", "reorders", "claims recovered", "refuses"] as const;
export type Defect = (typeof defects)[number];

/** `drops`, `duplicates` and `reorders` affect each message whose number is a multiple of this. */
const EVERY = 20;

/** A chat room in the memory of this process, with at most one defect. self-test.ts checks that the verification finds it. */
export class ModelServer {
  readonly #defect: Defect;
  readonly #epoch = randomUUID();
  readonly #log: Publication[] = [];
  readonly #replies = new Map<string, object>();
  readonly #subscribers = new Set<WebSocket>();
  readonly #http = createServer((request, response) => void this.#serve(request, response));
  /** A publication that is held back until the next one was delivered, so that the two change places. */
  #late: Publication | null = null;
  #sends = 0;

  constructor(defect: Defect) {
    this.#defect = defect;
    new WebSocketServer({ server: this.#http }).on("connection", (socket) => {
      socket.on("message", (text) => this.#receive(socket, JSON.parse(String(text))));
      socket.on("close", () => this.#subscribers.delete(socket));
    });
  }

  /** @returns the URL of the server */
  async listen(): Promise<string> {
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#subscribers) socket.terminate();
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    const reply = (status: number, data: object) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(data));
    };
    if (request.method === "PUT") return reply(200, {});
    if (request.method === "GET") {
      const after = Number(new URL(request.url!, "http://localhost").searchParams.get("after"));
      const messages = this.#log.filter(({ offset }) => offset > after).map(({ data }) => data);
      return reply(200, { messages, hasMore: false, position: this.#position });
    }
    if (this.#defect === "refuses") return reply(503, { code: "unavailable" });
    const { text, idempotencyKey } = JSON.parse(body) as { text: string; idempotencyKey: string };
    const known = this.#replies.get(idempotencyKey) ?? this.#send(text);
    this.#replies.set(idempotencyKey, known);
    return reply(201, known);
  }

  #send(text: string): object {
    this.#sends += 1;
    const isDue = this.#sends % EVERY === 0;
    if (isDue && this.#defect === "drops") {
      return { message: { id: randomUUID(), offset: this.#log.length, text } };
    }
    const message = this.#append(text, isDue && this.#defect === "reorders");
    if (isDue && this.#defect === "duplicates") this.#append(text, false);
    return { message };
  }

  #append(text: string, isLate: boolean): object {
    const offset = this.#log.length + 1;
    const data = { id: randomUUID(), offset, text };
    const publication = { offset, event: "chat.message", data };
    this.#log.push(publication);
    if (isLate) this.#late = publication;
    else {
      this.#publish(publication);
      if (this.#late) this.#publish(this.#late);
      this.#late = null;
    }
    return data;
  }

  #publish(publication: Publication): void {
    const push = { channel: "chat:model", epoch: this.#epoch, publications: [publication] };
    for (const socket of this.#subscribers) socket.send(JSON.stringify({ push }));
  }

  #receive(socket: WebSocket, frame: { id: number; op: string; data: { since?: { offset: number } } }): void {
    const reply = (data: object) => socket.send(JSON.stringify({ id: frame.id, ok: true, data }));
    if (frame.op !== "channel.subscribe") {
      reply({});
      return;
    }
    const { since } = frame.data;
    const missed = this.#log.filter(({ offset }) => offset > (since?.offset ?? 0));
    const recovered = { recovered: true, publications: this.#defect === "claims recovered" ? [] : missed };
    const fresh = { recovered: false, snapshot: { messages: this.#log.map(({ data }) => data) } };
    reply({ channel: "chat:model", position: this.#position, ...(since ? recovered : fresh) });
    this.#subscribers.add(socket);
  }

  get #position() {
    return { epoch: this.#epoch, offset: this.#log.length };
  }
}
