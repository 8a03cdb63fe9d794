import type { Push } from "@grandstand/shared/channels";
import { type CloseReason, closeCodes } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import {
  type Ack,
  connectInput,
  type Expiring,
  type ExpiringFrame,
  type PushFrame,
  type ReplyFrame,
  type RequestFrame,
  requestFrame,
} from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import type { RawData, WebSocket } from "ws";
import type { Caller } from "../calls/caller.js";
import type { Admission } from "../dispatch/admission.js";
import type { Dispatcher } from "../dispatch/dispatcher.js";
import type { Strangers } from "../limits/strangers.js";
import type { Connections } from "../live/connections.js";
import type { EncodedConnection, EncodedWire } from "./encoded-wire.js";
import { type NodeIdentity, welcome } from "./welcome.js";

export function encodePush(push: Push): Buffer {
  return Buffer.from(JSON.stringify({ push } satisfies PushFrame));
}

export interface WebSocketServices {
  wire: EncodedWire;
  admission: Admission;
  strangers: Strangers;
  dispatcher: Dispatcher;
  connections: Connections;
  node: NodeIdentity;
}

/** The listeners are the same functions for all sockets and find their session here: there are many of them. */
interface SessionSocket extends WebSocket {
  session: WebSocketSession;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as SessionSocket).session.receive(data, isBinary);
}

function onPong(this: WebSocket): void {
  (this as SessionSocket).session.noteAlive();
}

function onPing(this: WebSocket): void {
  (this as SessionSocket).session.noteOwnQueue();
}

function onClose(this: WebSocket): void {
  (this as SessionSocket).session.end();
}

let lastNumber = 0;

/** One plain WebSocket: reads request frames, answers each under its id. */
export class WebSocketSession implements EncodedConnection {
  readonly #number: number;
  readonly #socket: WebSocket;
  readonly #services: WebSocketServices;
  caller: Caller;
  /** Settles when the credentials of a `connect` frame have been checked; frames that come before wait for it. */
  #connecting: Promise<void> | null = null;
  #connectTimer: NodeJS.Timeout | undefined;
  #noLongerStranger: (() => void) | undefined;
  #unreadableInARow = 0;
  /** A frame had begun at the last ping, and none has been read since. */
  #isFrameOverdue = false;
  #isAlive = true;

  /** @param caller who opened the socket, when the upgrade carried a token */
  constructor(
    socket: WebSocket,
    caller: Caller | null,
    readonly address: string,
    services: WebSocketServices,
  ) {
    lastNumber += 1;
    this.#number = lastNumber;
    this.#socket = socket;
    this.#services = services;
    this.caller = caller ?? { kind: "nobody" };
    if (caller === null) {
      this.#connectTimer = setTimeout(() => this.close("connectTimeout"), limits.connectTimeoutMs);
      this.#noLongerStranger = services.strangers.enter(address, () => this.close("connectTimeout"));
    }
    (socket as SessionSocket).session = this;
    socket.on("message", onMessage);
    socket.on("ping", onPing);
    socket.on("pong", onPong);
    socket.on("close", onClose);
  }

  /** Unique on its node. */
  get id(): string {
    return `ws-${this.#number}`;
  }

  /** Whether it has been heard since the last ping. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  get wire(): EncodedWire {
    return this.#services.wire;
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(push: Push): void {
    this.write(encodePush(push));
    this.wire.onSent(this);
  }

  onSubscriptionEnded(): void {}

  write(encoded: Buffer): void {
    this.#socket.send(encoded, { binary: false });
  }

  warn(expiring: Expiring): void {
    this.#socket.send(JSON.stringify({ expiring } satisfies ExpiringFrame));
    this.wire.onSent(this);
  }

  close(reason: CloseReason): void {
    this.#socket.close(closeCodes[reason].code, closeCodes[reason].reason);
  }

  /**
   * Ends a connection that did not answer the last ping, or that began a frame before it and has not ended that: what
   * there is of it is kept here. Pings any other.
   */
  ping(): void {
    const hasBegunFrame = bytesBegun(this.#socket) > 0;
    if (!this.#isAlive || (this.#isFrameOverdue && hasBegunFrame)) {
      this.terminate();
      return;
    }
    this.#isFrameOverdue = hasBegunFrame;
    this.#isAlive = false;
    this.#socket.ping();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  noteAlive(): void {
    this.#isAlive = true;
  }

  /** A ping was answered: who sends them and reads no answer fills its queue, as with calls. */
  noteOwnQueue(): void {
    this.#isAlive = true;
    this.wire.onSent(this);
  }

  /** The socket is closed. */
  end(): void {
    this.#stopWaiting();
    this.#services.connections.remove(this);
  }

  /** Takes one frame. */
  receive(data: RawData, isBinary: boolean): void {
    // What was sent before the client heard that it is closed is not carried out.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#isAlive = true;
    this.#isFrameOverdue = false;
    const frame = isBinary ? null : readFrame(data);
    if (frame === null) {
      this.#refuseUnreadable();
      return;
    }
    this.#unreadableInARow = 0;
    const bytes = (data as Buffer).length;
    const act = () => (frame.op === "connect" ? this.#connect(frame) : this.#call(frame, bytes));
    if (this.#connecting) void this.#connecting.then(act);
    else if (frame.op !== "connect") void act();
    else {
      this.#connecting = act().finally(() => {
        this.#connecting = null;
      });
    }
  }

  /** Ends the wait for a `connect` frame. */
  #stopWaiting(): void {
    clearTimeout(this.#connectTimer);
    this.#connectTimer = undefined;
    this.#noLongerStranger?.();
    this.#noLongerStranger = undefined;
  }

  async #call(frame: RequestFrame, bytes: number): Promise<void> {
    const { ack, sent } = await this.#services.dispatcher.dispatch({
      operation: frame.op,
      input: frame.data,
      bytes,
      from: this,
    });
    this.#reply(frame.id, ack);
    sent();
  }

  /** Never rejects. */
  async #connect({ id, data }: RequestFrame): Promise<void> {
    const { admission, connections, dispatcher, node } = this.#services;
    try {
      const { token } = this.#connectInput(data);
      const caller = token === undefined ? null : await admission.identify(token, this.address);
      this.#stopWaiting();
      if (caller) connections.replaceCaller(this, caller);
      this.#reply(id, { ok: true, data: welcome(node, this) });
    } catch (error) {
      const wireError = dispatcher.wireError(error, "connect");
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
    const isConnected = this.caller.kind !== "nobody";
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
    this.wire.onSent(this);
  }
}

/** What ws holds of a frame or message that is not complete. It tells nobody, so its own fields are read. */
function bytesBegun(socket: WebSocket): number {
  const { _receiver: receiver } = socket as unknown as { _receiver: Receiver | null };
  return receiver === null ? 0 : receiver._bufferedBytes + receiver._totalPayloadLength;
}

interface Receiver {
  _bufferedBytes: number;
  _totalPayloadLength: number;
}

function readFrame(data: RawData): RequestFrame | null {
  try {
    return requestFrame.parse(JSON.parse(data.toString()));
  } catch {
    return null;
  }
}
