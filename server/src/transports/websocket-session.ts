import { randomUUID } from "node:crypto";
import type { Push } from "@grandstand/shared/channels";
import { type CloseReason, closeCodes } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import {
  type Ack,
  connectInput,
  type PushFrame,
  type ReplyFrame,
  type RequestFrame,
  requestFrame,
} from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import type { RawData, WebSocket } from "ws";
import type { Authenticator } from "../auth/authenticator.js";
import type { Caller } from "../calls/caller.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { EncodedConnection, EncodedWire } from "./encoded-wire.js";
import { type NodeIdentity, welcome } from "./welcome.js";

export function encodePush(push: Push): Buffer {
  return Buffer.from(JSON.stringify({ push } satisfies PushFrame));
}

export interface WebSocketServices {
  wire: EncodedWire;
  authenticator: Authenticator;
  dispatcher: Dispatcher;
  node: NodeIdentity;
}

/** One plain WebSocket: reads request frames, answers each under its id. */
export class WebSocketSession implements EncodedConnection {
  readonly id = randomUUID();
  readonly #socket: WebSocket;
  readonly #services: WebSocketServices;
  #caller: Caller;
  /** Settles when the credentials of a `connect` frame have been checked; later frames wait for it. */
  #connecting: Promise<void> | null = null;
  #connectTimer: NodeJS.Timeout | undefined;
  #unreadableInARow = 0;
  #isAlive = true;

  /** @param caller who opened the socket, when the upgrade carried a token */
  constructor(socket: WebSocket, caller: Caller | null, services: WebSocketServices) {
    this.#socket = socket;
    this.#services = services;
    this.#caller = caller ?? { kind: "nobody" };
    if (caller === null) {
      this.#connectTimer = setTimeout(() => this.close("connectTimeout"), limits.connectTimeoutMs);
    }
    socket.on("message", this.#receive);
    socket.on("pong", this.#onPong);
  }

  get caller(): Caller {
    return this.#caller;
  }

  get wire(): EncodedWire {
    return this.#services.wire;
  }

  send(push: Push): void {
    this.write(encodePush(push));
  }

  write(encoded: Buffer): void {
    this.#socket.send(encoded, { binary: false });
  }

  close(reason: CloseReason): void {
    this.#socket.close(closeCodes[reason].code, closeCodes[reason].reason);
  }

  /** Ends a connection that did not answer the last ping, and pings any other. */
  ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Closes the connection, and ends it when the client does not answer in time; resolves when it is gone. */
  async closed(reason: CloseReason, timeoutMs: number): Promise<void> {
    const gone = new Promise((resolve) => this.#socket.once("close", resolve));
    const tooLate = setTimeout(() => this.#socket.terminate(), timeoutMs);
    this.close(reason);
    await gone;
    clearTimeout(tooLate);
  }

  /** Forgets what would outlive the socket. */
  end(): void {
    clearTimeout(this.#connectTimer);
  }

  readonly #onPong = (): void => {
    this.#isAlive = true;
  };

  readonly #receive = (data: RawData, isBinary: boolean): void => {
    this.#isAlive = true;
    const frame = isBinary ? null : readFrame(data);
    if (frame === null) {
      this.#refuseUnreadable();
      return;
    }
    this.#unreadableInARow = 0;
    if (frame.op === "connect") {
      this.#connecting = this.#connect(frame);
      return;
    }
    const bytes = (data as Buffer).length;
    if (this.#connecting) void this.#connecting.then(() => this.#call(frame, bytes));
    else void this.#call(frame, bytes);
  };

  async #call(frame: RequestFrame, bytes: number): Promise<void> {
    const { ack, sent } = await this.#services.dispatcher.dispatch({
      operation: frame.op,
      input: frame.data,
      bytes,
      caller: this.#caller,
      connection: this,
    });
    this.#reply(frame.id, ack);
    sent();
  }

  /** Never rejects. */
  async #connect({ id, data }: RequestFrame): Promise<void> {
    const { authenticator, dispatcher, node } = this.#services;
    try {
      const { token } = this.#connectInput(data);
      if (token !== undefined) this.#caller = await authenticator.identifyConnection(token);
      clearTimeout(this.#connectTimer);
      this.#reply(id, { ok: true, data: welcome(node, this) });
    } catch (error) {
      const wireError = dispatcher.wireError(error, { operation: "connect", caller: this.#caller });
      this.#reply(id, { ok: false, error: wireError });
      if (wireError.code === "unauthenticated") this.close("unauthenticated");
    }
  }

  /**
   * A token is needed exactly when there is no caller yet.
   * @throws {GrandstandError} `bad_request` or `conflict`
   */
  #connectInput(data: unknown): { token?: string | undefined } {
    const parsed = connectInput.safeParse(data ?? {});
    const isConnected = this.#caller.kind !== "nobody";
    if (parsed.success && isConnected && parsed.data.token !== undefined) {
      throw new GrandstandError("conflict", "This connection has its caller already");
    }
    if (parsed.success && (isConnected || parsed.data.token !== undefined)) return parsed.data;
    throw new GrandstandError("bad_request", "connect needs a token", {
      issues: [{ path: "token", rule: "required", message: "must be a string of 1 to 8192 characters" }],
    });
  }

  #refuseUnreadable(): void {
    this.#unreadableInARow += 1;
    const message = "A frame must be JSON text: {id, op, data}";
    this.#reply(null, { ok: false, error: { code: "bad_request", message } });
    if (this.#unreadableInARow >= limits.unreadableFramesInARow) this.close("badFrames");
  }

  #reply(id: RequestFrame["id"] | null, ack: Ack): void {
    const frame: ReplyFrame = { id, ...ack };
    this.#socket.send(JSON.stringify(frame));
  }
}

function readFrame(data: RawData): RequestFrame | null {
  try {
    return requestFrame.parse(JSON.parse(data.toString()));
  } catch {
    return null;
  }
}
