import type { Push } from "@grandstand/shared/channels";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Ack, Expiring, Welcome } from "@grandstand/shared/frames";
import { Manager, type Socket } from "socket.io-client";
import { Backoff } from "./backoff.js";
import { type Closing, finalError } from "./closing.js";
import { type ConnectionState, connectingState } from "./connection-state.js";
import { Listeners } from "./listeners.js";
import type { Store } from "./store.js";
import { onWake } from "./wake.js";

/**
 * A token, or what gives one: asked at each connect, and again before a token ends while the connection is live, so that
 * a token may be short-lived.
 */
export type Token = string | (() => string | Promise<string>);

/** What a connection tells those who work over it; always before it tells the listeners of its state. */
export interface ConnectionObserver {
  /** Requests may be sent from now on. */
  onLive(): void;
  /** Nothing sent so far will be answered any more; the connection is tried again. */
  onLost(): void;
  /** It is over for good. */
  onEnd(error: GrandstandError): void;
  onPush(push: Push): void;
  /** The connection goes on with another token, which may allow other things. */
  onRefreshed(): void;
}

type ServerEvents = {
  welcome: (welcome: Welcome) => void;
  closing: (closing: Closing) => void;
  expiring: (expiring: Expiring) => void;
  push: (push: Push) => void;
};
type ClientEvents = Record<string, (input: unknown, ack: (ack: Ack) => void) => void>;

/** How long one attempt may take, from opening the transport to the event `welcome`. */
const ATTEMPT_MS = 20_000;
/** A connection that lived shorter than this counts as another failed attempt. */
const STABLE_AFTER_MS = 5_000;

/**
 * The one connection of a client, over and over again. Reconnecting is done here and not by
 * socket.io-client, which does not come back after a server-side disconnect: so there is one way back,
 * whatever ended the connection.
 */
export class Connection implements Store<ConnectionState> {
  readonly #socket: Socket<ServerEvents, ClientEvents>;
  readonly #token: Token;
  readonly #observer: ConnectionObserver;
  readonly #listeners = new Listeners();
  readonly #backoff = new Backoff();
  readonly #stopWaking: () => void;
  #state: ConnectionState = connectingState;
  #liveSince = 0;
  /** Counts attempts, so that a token that arrives late doesn't open a second one. */
  #attempt = 0;
  #attemptTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #reconnectAfterMs: number | undefined;

  constructor(url: string, token: Token, observer: ConnectionObserver) {
    this.#token = token;
    this.#observer = observer;
    const manager = new Manager(url === "" ? undefined : url, {
      path: "/socket.io",
      // Polling is for networks that let no WebSocket through.
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      autoConnect: false,
      reconnection: false,
      timeout: ATTEMPT_MS,
    });
    this.#socket = manager.socket("/");
    this.#socket.on("welcome", this.#onWelcome);
    this.#socket.on("closing", this.#onClosing);
    this.#socket.on("expiring", this.#onExpiring);
    this.#socket.on("push", (push) => observer.onPush(push));
    this.#socket.on("connect_error", this.#onConnectError);
    this.#socket.on("disconnect", this.#onDisconnect);
    this.#stopWaking = onWake(() => {
      if (this.#retryTimer !== undefined) this.open();
    });
  }

  readonly get = (): ConnectionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  get isLive(): boolean {
    return this.#state.status === "live";
  }

  /** Sends a request. @throws when the input has no JSON form. */
  emit(operation: string, input: unknown, ack: (ack: Ack) => void): void {
    this.#socket.emit(operation, input, ack);
  }

  /** Begins an attempt to connect. */
  open(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#attemptTimer = setTimeout(
      () => this.#retry(unreachable("The server did not answer in time")),
      ATTEMPT_MS,
    );
    void this.#askForToken().then(
      (token) => {
        if (attempt !== this.#attempt) return;
        this.#socket.auth = { token };
        this.#socket.connect();
      },
      (cause: unknown) => {
        if (attempt === this.#attempt) this.#fail(asError(cause, "No token could be had"));
      },
    );
  }

  close(): void {
    this.#end(null);
  }

  async #askForToken(): Promise<string> {
    return typeof this.#token === "string" ? this.#token : this.#token();
  }

  readonly #onWelcome = (welcome: Welcome): void => {
    clearTimeout(this.#attemptTimer);
    this.#liveSince = Date.now();
    this.#reconnectAfterMs = undefined;
    this.#become({ status: "live", welcome, error: null }, () => this.#observer.onLive());
  };

  readonly #onClosing = (closing: Closing): void => {
    const error = finalError(closing);
    if (error) this.#end(error);
    else this.#reconnectAfterMs = closing.reconnectAfterMs;
  };

  /**
   * The token is about to end. If no other one can be had now, the connection is closed in a while and tried again, with
   * whatever token there is then.
   */
  readonly #onExpiring = (): void => {
    if (typeof this.#token === "string") return;
    const attempt = this.#attempt;
    void this.#askForToken().then(
      (token) => {
        if (attempt !== this.#attempt || !this.isLive) return;
        this.#socket.emit("auth.refresh", { token }, ({ ok }) => {
          if (ok) this.#observer.onRefreshed();
        });
      },
      () => {},
    );
  };

  readonly #onConnectError = (failure: Error & { data?: Partial<WireError> }): void => {
    this.#fail(
      isWireError(failure.data)
        ? GrandstandError.fromWire(failure.data)
        : unreachable("The server can't be reached", failure),
    );
  };

  readonly #onDisconnect = (reason: Socket.DisconnectReason): void => {
    if (reason !== "io client disconnect") this.#retry(unreachable("The connection was lost", reason));
  };

  /** An attempt failed: credentials that were refused would be refused again, all else is tried again. */
  #fail(error: GrandstandError): void {
    if (error.code === "unauthenticated" || error.code === "forbidden") this.#end(error);
    else this.#retry(error);
  }

  #retry(error: GrandstandError): void {
    if (this.#state.status === "closed" || this.#retryTimer !== undefined) return;
    this.#tearDown();
    if (this.isLive && Date.now() - this.#liveSince >= STABLE_AFTER_MS) this.#backoff.reset();
    const delayMs = this.#reconnectAfterMs ?? Math.max(this.#backoff.nextMs(), error.retryAfterMs ?? 0);
    this.#reconnectAfterMs = undefined;
    this.#retryTimer = setTimeout(() => this.open(), delayMs);
    const status = this.#state.welcome ? "reconnecting" : "connecting";
    const wasLive = this.isLive;
    this.#become({ ...this.#state, status, error }, () => wasLive && this.#observer.onLost());
  }

  #end(error: GrandstandError | null): void {
    if (this.#state.status === "closed") return;
    this.#become({ ...this.#state, status: "closed", error }, () => {
      this.#tearDown();
      clearTimeout(this.#retryTimer);
      this.#stopWaking();
      this.#observer.onEnd(error ?? new GrandstandError("unavailable", "The client is closed"));
    });
  }

  /** Ends what is left of an attempt or a connection. */
  #tearDown(): void {
    clearTimeout(this.#attemptTimer);
    this.#attempt += 1;
    // What socket.io-client keeps for a later connection: the calls are sent again by those who made them.
    this.#socket.sendBuffer = [];
    this.#socket.disconnect();
  }

  #become(state: ConnectionState, tellObserver: () => void): void {
    this.#state = state;
    tellObserver();
    this.#listeners.notify();
  }
}

function isWireError(value: Partial<WireError> | undefined): value is WireError {
  return typeof value?.code === "string" && typeof value.message === "string";
}

function unreachable(message: string, cause?: unknown): GrandstandError {
  return new GrandstandError("unavailable", message, { cause });
}

function asError(cause: unknown, message: string): GrandstandError {
  return cause instanceof GrandstandError ? cause : unreachable(message, cause);
}
