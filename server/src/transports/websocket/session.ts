import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import { closeDetails } from "@grandstand/shared/close-details";
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
import { EncodedResult } from "../../core/encoded-result.js";
import { validate } from "../../core/validation.js";
import type { Admission } from "../../dispatch/admission.js";
import type { Dispatcher } from "../../dispatch/dispatcher.js";
import { payloadTooLarge } from "../../dispatch/input.js";
import type { PendingConnections } from "../../limits/pending-connections.js";
import type { Connections } from "../../live/connections.js";
import type { ClosedBy } from "../../observer/observer.js";
import type { EncodedBroadcaster, EncodedConnection } from "../broadcaster.js";
import { InFlightLimit } from "../in-flight-limit.js";
import { type NodeIdentity, welcome } from "../live-transport.js";
import { type TextFrame, textFrame, writeFrame } from "../text-frame.js";

export function encodePush(push: Push): TextFrame {
  return textFrame(JSON.stringify({ push } satisfies PushFrame));
}

export interface WebSocketServices {
  broadcaster: EncodedBroadcaster<TextFrame>;
  admission: Admission;
  pendingConnections: PendingConnections;
  dispatcher: Dispatcher;
  connections: Connections;
  node: NodeIdentity;
}

/** To save memory, all sockets share the same listener functions. The functions find a socket's session in `session`. */
interface SessionSocket extends WebSocket {
  session: WebSocketSession;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as SessionSocket).session.receive(data, isBinary);
}

function onPong(this: WebSocket): void {
  (this as SessionSocket).session.onPong();
}

function onPing(this: WebSocket): void {
  (this as SessionSocket).session.onPing();
}

function onClose(this: WebSocket): void {
  (this as SessionSocket).session.onClose();
}

let lastNumber = 0;

/** Whether the connection has a caller. `connectTimer` closes a connection that has no caller for too long. */
type State =
  /** Waits for a `connect` frame, and counts as a pending connection. */
  | { name: "pending"; connectTimer: NodeJS.Timeout; leavePending: () => void }
  /** The token of a `connect` frame is being checked. */
  | { name: "identifying"; connectTimer: NodeJS.Timeout }
  | { name: "connected" }
  | { name: "closed" };

/** Shared by all sessions. */
const CONNECTED: State = { name: "connected" };

/** One plain WebSocket: reads request frames and answers each under its id. */
export class WebSocketSession implements EncodedConnection<TextFrame> {
  readonly transport = "websocket";
  closedBy: ClosedBy = "client";
  readonly #number: number;
  readonly #socket: WebSocket;
  readonly #services: WebSocketServices;
  caller: Caller;
  #state: State;
  /** Settles when all `connect` frames so far have been answered. Later frames wait for it. */
  #connects: Promise<void> | null = null;
  readonly #inFlight = new InFlightLimit();
  #unreadableInARow = 0;
  /** A frame was incomplete at the last ping, and no frame was completed since then. */
  #isFrameOverdue = false;
  #isAlive = true;

  /** @param caller set when the upgrade carried a valid credential */
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
    this.#state = caller === null ? this.#newPending(this.#startConnectTimer()) : CONNECTED;
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

  /** Whether a whole frame of the client, such as a pong, has arrived since the last ping. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  get broadcaster(): EncodedBroadcaster<TextFrame> {
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

  write(frame: TextFrame): void {
    if (!writeFrame(this.#socket, frame)) this.#socket.send(frame.payload, { binary: false });
  }

  warn(expiring: Expiring): void {
    this.#socket.send(JSON.stringify({ expiring } satisfies ExpiringFrame));
    this.broadcaster.onSent(this);
  }

  close(reason: CloseReason): void {
    if (this.closedBy === "client") this.closedBy = reason;
    const { code, reason: text } = closeDetails(reason);
    this.#socket.close(code, text);
  }

  /**
   * Pings the client. Terminates the connection instead if the client did not answer the last ping. A frame that began
   * before the last ping and is still incomplete ends the connection too, because the part that arrived takes memory.
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
    if (this.closedBy === "client") this.closedBy = "terminated";
    this.#socket.terminate();
  }

  onPong(): void {
    this.#isAlive = true;
  }

  /**
   * Called when the library ws has answered a ping of the client. If the client does not read the answers, they fill
   * the connection's queue, as unread replies do.
   */
  onPing(): void {
    this.#isAlive = true;
    this.broadcaster.onSent(this);
  }

  onClose(): void {
    this.#enter({ name: "closed" });
    this.#services.connections.remove(this);
  }

  /** Takes one frame. */
  receive(data: RawData, isBinary: boolean): void {
    // Frames that the client sent before it received the close are ignored.
    if (!this.#isOpen) return;
    this.#isAlive = true;
    this.#isFrameOverdue = false;
    const frame = isBinary ? null : readFrame(data);
    if (frame === null) {
      this.#refuseUnreadable();
      return;
    }
    this.#unreadableInARow = 0;
    const bytes = (data as Buffer).length;
    this.#inFlight.begin(this.#socket);
    if (frame.op === "connect") this.#queueConnect(frame, bytes);
    else if (this.#connects === null) void this.#call(frame, bytes);
    else void this.#connects.then(() => this.#call(frame, bytes));
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Changes the state, and ends what belonged to the former state. */
  #enter(next: State): void {
    const before = this.#state;
    if (before.name === "pending") before.leavePending();
    if ("connectTimer" in before && !("connectTimer" in next)) clearTimeout(before.connectTimer);
    this.#state = next;
  }

  #startConnectTimer(): NodeJS.Timeout {
    return setTimeout(() => this.close("connectTimeout"), limits.connectTimeoutMs);
  }

  #newPending(connectTimer: NodeJS.Timeout): State {
    const end = () => this.close("connectTimeout");
    const leavePending = this.#isOpen ? this.#services.pendingConnections.enter(this.address, end) : () => {};
    return { name: "pending", connectTimer, leavePending };
  }

  /** Answers `connect` frames one after the other, because only one of them can set the caller. */
  #queueConnect(frame: RequestFrame, bytes: number): void {
    const earlier = this.#connects;
    const connects = (
      earlier === null ? this.#connect(frame, bytes) : earlier.then(() => this.#connect(frame, bytes))
    ).finally(() => {
      if (this.#connects === connects) this.#connects = null;
    });
    this.#connects = connects;
  }

  async #call(frame: RequestFrame, bytes: number): Promise<void> {
    try {
      // An earlier `connect` frame with an invalid token may have closed the connection.
      if (!this.#isOpen) return;
      const { ack, sent } = await this.#services.dispatcher.dispatch({
        operation: frame.op,
        input: frame.data,
        bytes,
        from: this,
        takesEncoded: true,
        traceparent: frame.traceparent,
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
      if (!this.#isOpen) return;
      await admission.spendConnect(this);
      if (bytes > limits.bodyBytes) throw payloadTooLarge(limits.bodyBytes);
      const { token } = this.#connectInput(data);
      if (token !== undefined) {
        if (this.#state.name === "pending") {
          this.#enter({ name: "identifying", connectTimer: this.#state.connectTimer });
        }
        connections.replaceCaller(this, await admission.identify(token, this.address));
        if (this.#state.name !== "closed") this.#enter(CONNECTED);
      }
      this.#reply(id, { ok: true, data: welcome(node, this) });
    } catch (error) {
      const wireError = dispatcher.refusal(error, "websocket", "connect");
      this.#reply(id, { ok: false, error: wireError });
      if (wireError.code === "unauthenticated") this.close("unauthenticated");
      else if ("connectTimer" in this.#state) this.#becomePending(this.#state.connectTimer);
    } finally {
      this.#inFlight.end();
    }
  }

  /** Makes the connection pending again. It counts as the newest pending connection. */
  #becomePending(connectTimer: NodeJS.Timeout): void {
    if (this.#state.name === "pending") this.#state.leavePending();
    this.#state = this.#newPending(connectTimer);
  }

  /**
   * A token is required exactly while there is no caller.
   * @throws {GrandstandError} `bad_request` or `conflict`
   */
  #connectInput(data: unknown): { token?: string | undefined } {
    const input = validate(connectInput, data ?? {});
    const isConnected = this.#state.name === "connected";
    const hasToken = input.token !== undefined;
    if (isConnected && hasToken) {
      throw new GrandstandError("conflict", "This connection has its caller already");
    }
    if (isConnected || hasToken) return input;
    throw new GrandstandError("bad_request", "connect needs a token", {
      issues: [{ path: "token", rule: "required", message: "must be a string of 1 to 8192 characters" }],
    });
  }

  #refuseUnreadable(): void {
    this.#unreadableInARow += 1;
    const error = this.#services.dispatcher.refusal(unreadableFrame, "websocket", "frame");
    this.#reply(null, { ok: false, error });
    if (this.#unreadableInARow >= limits.unreadableFramesInARow) this.close("badFrames");
  }

  #reply(id: RequestFrame["id"] | null, ack: Ack): void {
    this.write(textFrame(replyText({ id, ...ack })));
    this.broadcaster.onSent(this);
  }
}

function replyText(frame: ReplyFrame): string {
  if (!frame.ok || !(frame.data instanceof EncodedResult)) return JSON.stringify(frame);
  return `{"id":${JSON.stringify(frame.id)},"ok":true,"data":${frame.data.json}}`;
}

const unreadableFrame = new GrandstandError("bad_request", "A frame must be JSON text: {id, op, data}");

/** More than 0 while a frame or message is incomplete. Only private fields of ws show it. */
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
