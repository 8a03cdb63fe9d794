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
import type { Caller } from "../../core/caller.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { payloadTooLarge } from "../../dispatch/input.js";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { Connections } from "../../live/connections.js";
import type { EncodedBroadcaster, EncodedConnection } from "../broadcaster.js";
import { InFlightLimit } from "../in-flight-limit.js";
import { type NodeIdentity, welcome } from "../welcome.js";

export function encodePush(push: Push): Buffer {
  return Buffer.from(JSON.stringify({ push } satisfies PushFrame));
}

export interface WebSocketServices {
  broadcaster: EncodedBroadcaster;
  admission: Admission;
  pendingConnections: PendingConnections;
  dispatcher: Dispatcher;
  connections: Connections;
  node: NodeIdentity;
}

/** All sockets share the listener functions, to save memory. A listener finds its session here. */
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

/** One plain WebSocket: reads request frames and answers each under its id. */
export class WebSocketSession implements EncodedConnection {
  readonly #number: number;
  readonly #socket: WebSocket;
  readonly #services: WebSocketServices;
  caller: Caller;
  /** Settles when the credential of a `connect` frame has been checked. Later frames wait for it. */
  #connecting: Promise<void> | null = null;
  #connectTimer: NodeJS.Timeout | undefined;
  #leavePending: (() => void) | undefined;
  readonly #inFlight = new InFlightLimit();
  #unreadableInARow = 0;
  /** A frame was incomplete at the last ping, and none has been read since. */
  #isFrameOverdue = false;
  #isAlive = true;

  /** @param caller the caller, when the upgrade carried a credential; otherwise null */
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
      this.#addToPending();
    }
    (socket as SessionSocket).session = this;
    socket.on("message", onMessage);
    socket.on("ping", onPing);
    socket.on("pong", onPong);
    socket.on("close", onClose);
  }

  /** Unique on this node. */
  get id(): string {
    return `ws-${this.#number}`;
  }

  /** Whether a message has arrived since the last ping. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  get broadcaster(): EncodedBroadcaster {
    return this.#services.broadcaster;
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(push: Push): void {
    this.write(encodePush(push));
    this.broadcaster.onSent(this);
  }

  onSubscriptionEnded(): void {}

  write(encoded: Buffer): void {
    this.#socket.send(encoded, { binary: false });
  }

  warn(expiring: Expiring): void {
    this.#socket.send(JSON.stringify({ expiring } satisfies ExpiringFrame));
    this.broadcaster.onSent(this);
  }

  close(reason: CloseReason): void {
    this.#socket.close(closeCodes[reason].code, closeCodes[reason].reason);
  }

  /**
   * Pings the client. Terminates a connection that did not answer the last ping, or whose incomplete frame, which uses memory,
   * is older than the last ping.
   */
  ping(): void {
    const hasIncompleteFrame = incompleteFrameBytes(this.#socket) > 0;
    if (!this.#isAlive || (this.#isFrameOverdue && hasIncompleteFrame)) {
      this.terminate();
      return;
    }
    this.#isFrameOverdue = hasIncompleteFrame;
    this.#isAlive = false;
    this.#socket.ping();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  noteAlive(): void {
    this.#isAlive = true;
  }

  /** Called when the client sent a ping. The pongs count as queued when the client does not read them. */
  noteOwnQueue(): void {
    this.#isAlive = true;
    this.broadcaster.onSent(this);
  }

  /** Called when the socket is closed. */
  end(): void {
    this.#stopWaiting();
    this.#services.connections.remove(this);
  }

  /** Receives one frame. */
  receive(data: RawData, isBinary: boolean): void {
    // Frames that arrive after our close are not carried out.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#isAlive = true;
    this.#isFrameOverdue = false;
    const frame = isBinary ? null : readFrame(data);
    if (frame === null) {
      this.#answerUnreadable();
      return;
    }
    this.#unreadableInARow = 0;
    const bytes = (data as Buffer).length;
    this.#inFlight.begin(this.#socket);
    if (frame.op === "connect") this.#connectInTurn(frame, bytes);
    else if (this.#connecting === null) void this.#call(frame, bytes);
    else void this.#connecting.then(() => this.#call(frame, bytes));
  }

  /** Handles `connect` frames one after the other, because only one can set the caller. */
  #connectInTurn(frame: RequestFrame, bytes: number): void {
    const before = this.#connecting;
    const connecting = (
      before === null ? this.#connect(frame, bytes) : before.then(() => this.#connect(frame, bytes))
    ).finally(() => {
      if (this.#connecting === connecting) this.#connecting = null;
    });
    this.#connecting = connecting;
  }

  /** Counts the socket as a pending connection. */
  #addToPending(): void {
    this.#leavePending?.();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const end = () => this.close("connectTimeout");
    this.#leavePending = this.#services.pendingConnections.enter(this.address, end);
  }

  /** Ends the wait for a `connect` frame. */
  #stopWaiting(): void {
    clearTimeout(this.#connectTimer);
    this.#connectTimer = undefined;
    this.#leavePending?.();
    this.#leavePending = undefined;
  }

  async #call(frame: RequestFrame, bytes: number): Promise<void> {
    try {
      // The call may have waited behind a `connect` frame that was refused.
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      const { ack, sent } = await this.#services.dispatcher.dispatch({
        operation: frame.op,
        input: frame.data,
        bytes,
        from: this,
      });
      this.#reply(frame.id, ack);
      sent();
    } finally {
      this.#inFlight.end();
    }
  }

  /** Never rejects. */
  async #connect({ id, data }: RequestFrame, bytes: number): Promise<void> {
    const { admission, connections, dispatcher, node } = this.#services;
    try {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      await admission.spendConnect(this);
      if (bytes > limits.bodyBytes) throw payloadTooLarge(limits.bodyBytes);
      const { token } = this.#connectInput(data);
      if (token !== undefined) {
        // A socket that presented a credential is not pending, however long the check takes.
        this.#leavePending?.();
        connections.replaceCaller(this, await admission.identify(token, this.address));
        this.#stopWaiting();
      }
      this.#reply(id, { ok: true, data: welcome(node, this) });
    } catch (error) {
      const wireError = dispatcher.wireError(error, "connect");
      this.#reply(id, { ok: false, error: wireError });
      if (wireError.code === "unauthenticated") this.close("unauthenticated");
      else if (this.caller.kind === "nobody") this.#addToPending();
    } finally {
      this.#inFlight.end();
    }
  }

  /**
   * Validates a `connect` frame. A token is required if and only if the connection has no caller.
   * @throws {GrandstandError} `bad_request` or `conflict`
   */
  #connectInput(data: unknown): { token?: string | undefined } {
    const parsed = connectInput.safeParse(data ?? {});
    const isConnected = this.caller.kind !== "nobody";
    if (parsed.success && isConnected && parsed.data.token !== undefined) {
      throw new GrandstandError("conflict", "This connection is authenticated already");
    }
    if (parsed.success && (isConnected || parsed.data.token !== undefined)) return parsed.data;
    throw new GrandstandError("bad_request", "connect requires a token", {
      issues: [{ path: "token", rule: "required", message: "must be a string of 1 to 8192 characters" }],
    });
  }

  #answerUnreadable(): void {
    this.#unreadableInARow += 1;
    const message = "A frame must be JSON text: {id, op, data}";
    this.#reply(null, { ok: false, error: { code: "bad_request", message } });
    if (this.#unreadableInARow >= limits.unreadableFramesInARow) this.close("badFrames");
  }

  #reply(id: RequestFrame["id"] | null, ack: Ack): void {
    const frame: ReplyFrame = { id, ...ack };
    this.#socket.send(JSON.stringify(frame));
    this.broadcaster.onSent(this);
  }
}

/** The bytes that ws holds of an incomplete frame or message. ws has no public API for this, so this reads its fields. */
function incompleteFrameBytes(socket: WebSocket): number {
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
