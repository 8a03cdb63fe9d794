import type { Push } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { Backoff } from "./backoff.js";
import type { Loss } from "./calls.js";
import type { ConnectionState } from "./connection-state.js";
import { type DialObserver, dial, type Link } from "./dial.js";
import { Listeners } from "./listeners.js";
import { notLoaded } from "./not-loaded.js";
import { type Address, type DebugLogger, pageOrigin, resolveAddress, type TransportName } from "./options.js";
import { type Reaction, reactionTo } from "./reconnect-policy.js";
import { Routes } from "./routes.js";
import type { Store } from "./store.js";
import { NoToken, type TokenSource } from "./token-source.js";
import type { Ending } from "./transport.js";
import type { Upkeep, UpkeepHost } from "./upkeep.js";

/** What the connection reports to the client. A report comes before the state's listeners are notified. */
export interface ConnectionObserver {
  /** Whether a call or a live view uses the connection. */
  isInUse(): boolean;
  /** Requests may be sent from now on. */
  onLive(isFirst: boolean): void;
  /** The connection was lost or closed, so the requests that were sent get no reply. */
  onLost(loss: Loss): void;
  /** The connection is closed, and requests fail until it is opened again. */
  onClosed(error: GrandstandError): void;
  /** The app opened the connection again after `onClosed`. */
  onReopened(): void;
  onPush(push: Push): void;
  /** The connection has a new token of the same user, which may give other permissions. */
  onRefreshed(): void;
  /** The new connection belongs to another user than the former one. `onLive` follows. */
  onOtherUser(error: GrandstandError): void;
  /**
   * The new connection belongs to the same user as the former one, or is the first connection. `onLive`
   * follows.
   */
  onSameUser(): void;
  onState(state: ConnectionState): void;
  onError(error: GrandstandError): void;
}

export interface ConnectionSettings {
  url: string;
  transport: TransportName;
  webSocket: typeof WebSocket | undefined;
  /** A connection that is unused for this long is closed. With 0, an unused connection stays open. */
  idleMs: number;
  log: DebugLogger;
}

/**
 * What the connection is doing. A phase may hold a timer or a link. `#leave` ends the timer or the link, and enters the
 * next phase.
 */
type Phase =
  /** Nothing needs a connection. */
  | { name: "unused" }
  /** An attempt to connect is under way. */
  | { name: "connecting"; cancel: () => void }
  | { name: "live"; link: Link; since: number }
  /** An attempt failed, or the connection was lost. `timer` starts the next attempt. */
  | { name: "waiting"; timer: ReturnType<typeof setTimeout> }
  /** The user left the page, which the browser may keep frozen and show again. */
  | { name: "hidden" }
  /** The app called `disconnect()`. */
  | { name: "disconnected" }
  | { name: "closed" };

/** Why there is no connection, and when to try again. */
type Retry = Partial<Extract<Reaction, { kind: "retry" }>> & { error: GrandstandError };

/** A connection that was open for less than this counts as a failed attempt, so the backoff is not reset. */
const STABLE_MS = 5_000;
const offline = { status: "offline", error: null, reason: null } as const;

/** The connection of a client. It connects, detects lost connections, and reconnects until it is closed. */
export class Connection implements Store<ConnectionState>, UpkeepHost {
  readonly settings: ConnectionSettings;
  readonly observer: ConnectionObserver;
  readonly #listeners = new Listeners();
  readonly #backoff = new Backoff();
  tokens: TokenSource;
  address: Address | null = null;
  routes: Routes | null = null;
  #phase: Phase = { name: "unused" };
  #state: ConnectionState = { ...offline, welcome: null };
  /** The id of the user in the last welcome; null for an API key, undefined before the first welcome. */
  #user: string | null | undefined;
  #upkeep: Upkeep | null = null;
  #isUpkeepLoading = false;

  constructor(settings: ConnectionSettings, tokens: TokenSource, observer: ConnectionObserver) {
    this.settings = settings;
    this.tokens = tokens;
    this.observer = observer;
  }

  readonly get = (): ConnectionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  get link(): Link | null {
    return this.#phase.name === "live" ? this.#phase.link : null;
  }

  /** Whether requests may be sent. */
  get isLive(): boolean {
    return this.#phase.name === "live";
  }

  send(operation: string, inputJson: string, onReply: (ack: Ack) => void): void {
    if (this.#phase.name !== "live") return;
    this.#upkeep?.used();
    this.#phase.link.transport.send(operation, inputJson, onReply);
  }

  /**
   * Called when a call or a live view needs the connection. If the phase is `unused`, opens it. In any other phase
   * does nothing: the connection is open, will be opened again, or stays closed until the app opens it.
   */
  need(): void {
    if (this.#phase.name === "unused") this.#connect();
  }

  /**
   * Opens the connection at once, unless an attempt is under way. If the connection is open, checks that the server
   * still answers.
   */
  connect(): void {
    if (this.#phase.name === "live") this.#upkeep?.check();
    else if (this.#phase.name !== "connecting") this.#begin();
  }

  /** Replaces the connection by a new one with a fresh token. */
  reconnect(): void {
    this.tokens.expired();
    this.#begin();
  }

  /** Closes the connection until `connect` or `reconnect`. Calls and live views wait. */
  disconnect(): void {
    if (this.#phase.name === "closed") return;
    this.#leave({ name: "disconnected" }, offline);
  }

  close(): void {
    this.#close(null, null);
  }

  /**
   * Switches to another token, which may be another user's. Reconnects, even if the server refused the former token. Does
   * not reconnect if the app closed the connection, or if nothing needs the connection.
   */
  useTokens(tokens: TokenSource): void {
    this.tokens = tokens;
    const { name } = this.#phase;
    const wasRefused = name === "closed" && this.#state.error !== null;
    if (wasRefused || name === "connecting" || name === "live" || name === "waiting") this.#begin();
  }

  onDead(): void {
    this.#lost({ error: new GrandstandError("unavailable", "The connection does not answer") });
  }

  /** The connection was unused for `idleMs`. `need` opens it again. */
  onIdle(): void {
    this.#leave({ name: "unused" }, offline);
  }

  onOtherUser(): void {
    this.#begin();
  }

  onWake(): void {
    const { name } = this.#phase;
    if (name === "live") this.#upkeep?.check();
    else if (name === "waiting" || name === "hidden") this.#connect();
  }

  /**
   * Closes the connection of a page that the user leaves, for two reasons. A browser may refuse to keep a page with an open
   * connection in its back/forward cache. And a frozen page does not notice that its connection is lost.
   */
  onHide(): void {
    const { name } = this.#phase;
    if (name === "live" || name === "connecting" || name === "waiting") {
      this.#leave({ name: "hidden" }, offline);
    }
  }

  /** The live views are up to date again. */
  caughtUp(): void {
    if (this.#state.status === "catchingUp") this.#become({ status: "live" });
  }

  /** Connects because the app asked for it: without a delay, and with the status `connecting`. */
  #begin(): void {
    const wasClosed = this.#phase.name === "closed";
    this.#backoff.reset();
    this.#leave({ name: "unused" }, null);
    if (wasClosed) this.observer.onReopened();
    this.#connect();
  }

  #connect(): void {
    const attempt = { name: "connecting" as const, cancel: () => {} };
    const isCurrent = () => this.#phase === attempt;
    const isFirst = this.#phase.name === "unused";
    this.#leave(attempt, isFirst ? { status: "connecting", error: null, reason: null } : null);
    this.#loadUpkeep();
    const { url, transport, webSocket, log } = this.settings;
    try {
      this.address ??= resolveAddress(url);
      this.routes ??= new Routes(this.address, transport, webSocket);
    } catch (error) {
      this.#close(error as GrandstandError, null);
      return;
    }
    const routes = this.routes.order();
    const address = this.address;
    this.tokens.get().then(
      (token) => {
        if (!isCurrent()) return;
        log("connecting", {
          routes: routes.map(({ name }) => name),
          address: address.origin + address.prefix,
        });
        attempt.cancel = dial(routes, address, token, this.observerOf(isCurrent));
      },
      (cause: unknown) => {
        if (isCurrent()) this.#onNoToken(cause);
      },
    );
  }

  /**
   * @param isCurrent whether the result of the attempt is still wanted; false after a later attempt has begun
   */
  observerOf(isCurrent: () => boolean): DialObserver {
    let link: Link | null = null;
    const liveOf = () => (this.#phase.name === "live" && this.#phase.link === link ? this.#phase : null);
    return {
      onWelcome: (welcomed, welcome, wasFirstTried) => {
        if (!isCurrent()) {
          welcomed.transport.close();
          return;
        }
        link = welcomed;
        this.#onWelcome(welcomed, welcome, wasFirstTried);
      },
      onFailed: (ending) => {
        if (isCurrent()) this.#onEnding(ending);
      },
      onPush: (push) => {
        if (liveOf()) this.observer.onPush(push);
      },
      onReceived: () => {
        if (liveOf()) this.#upkeep?.received();
      },
      onExpiring: () => {
        if (link && liveOf()) void this.#upkeep?.refresh(link);
      },
      onEnd: (ending) => {
        if (liveOf()) this.#onEnding(ending);
      },
    };
  }

  #onWelcome(link: Link, welcome: Welcome, wasFirstTried: boolean): void {
    const user = welcome.user?.id ?? null;
    const formerUser = this.#user;
    const isFirst = this.#state.welcome === null;
    this.settings.log("connected", { route: link.route.name, connection: welcome.connectionId, user });
    this.tokens.accepted(welcome);
    this.routes?.worked(link.route, !wasFirstTried);
    this.#user = user;
    // `#leave` calls `cancel`, which would close the link. The link must stay open.
    if (this.#phase.name === "connecting") this.#phase.cancel = () => {};
    this.#leave({ name: "live", link, since: performance.now() }, null);
    this.#loadUpkeep();
    if (formerUser === undefined || formerUser === user) this.observer.onSameUser();
    else {
      const error = new GrandstandError("conflict", "Another user is signed in now");
      // The live views read the user from the state when they restart, so the new welcome is stored first.
      this.#state = { ...this.#state, welcome };
      this.observer.onError(error);
      this.observer.onOtherUser(error);
      // A listener may have closed the client.
      if (this.link !== link) return;
    }
    this.#become({ status: isFirst ? "live" : "catchingUp", welcome, error: null, reason: null }, () =>
      this.observer.onLive(isFirst),
    );
  }

  /** The attempt failed, or the link ended. */
  #onEnding(ending: Ending): void {
    if (ending.kind === "lost") this.routes?.failed();
    const reaction = reactionTo(ending, this.tokens);
    if (reaction.kind === "close") this.#close(reaction.error, reaction.reason);
    else this.#lost({ ...reaction, error: this.#explained(reaction.error, ending) });
  }

  /**
   * Adds a hint to the error of a first connection to another origin. A browser does not tell the page why
   * such a connection failed, and the most common reason is a missing CORS setting.
   */
  #explained(error: GrandstandError, ending: Ending): GrandstandError {
    const page = pageOrigin();
    const isForeign = page !== "" && page !== this.address?.origin;
    if (ending.kind !== "lost" || this.#state.welcome !== null || !isForeign) return error;
    const hint = `the server may not allow pages of ${page} (GRANDSTAND_CORS_ORIGINS)`;
    return new GrandstandError(error.code, `${error.message}; ${hint}`, { cause: error });
  }

  #onNoToken(cause: unknown): void {
    if (cause instanceof NoToken) {
      this.#close(cause, "unauthenticated");
      return;
    }
    const message = `The token function failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    this.#lost({ error: new GrandstandError("unavailable", message, { cause }) });
  }

  /** Enters the phase `waiting` after a failed attempt or a lost connection. */
  #lost({ error, delayMs, reason = null, isTooLarge = false }: Retry): void {
    const wasStable = this.#phase.name === "live" && performance.now() - this.#phase.since >= STABLE_MS;
    if (wasStable) this.#backoff.reset();
    const waitMs = delayMs ?? Math.max(this.#backoff.nextMs(), error.retryAfterMs ?? 0);
    this.settings.log("not connected", { error: error.message, reason, retryInMs: Math.round(waitMs) });
    const timer = setTimeout(() => this.#connect(), waitMs);
    const status = this.#state.status === "connecting" ? "connecting" : "offline";
    this.#leave({ name: "waiting", timer }, { status, error, reason }, isTooLarge ? "tooLarge" : "lost");
  }

  #close(error: GrandstandError | null, reason: CloseReason | null): void {
    if (this.#phase.name === "closed") return;
    this.settings.log("closed", { error: error?.message, reason });
    this.#endPhase();
    this.#upkeep?.close();
    this.#phase = { name: "closed" };
    this.#become({ status: "closed", error, reason }, () =>
      this.observer.onClosed(error ?? new GrandstandError("unavailable", "The client is closed")),
    );
  }

  /**
   * Ends the current phase and enters the next one. If the connection was live, the observer gets `onLost`.
   */
  #leave(next: Phase, change: Partial<ConnectionState> | null, loss: Loss = "left"): void {
    const wasLive = this.isLive;
    this.#endPhase();
    this.#phase = next;
    const report = () => {
      if (wasLive) this.observer.onLost(loss);
    };
    if (change) this.#become(change, report);
    else report();
  }

  #endPhase(): void {
    switch (this.#phase.name) {
      case "connecting":
        this.#phase.cancel();
        break;
      case "waiting":
        clearTimeout(this.#phase.timer);
        break;
      case "live":
        this.#upkeep?.end();
        this.#phase.link.transport.close();
    }
  }

  /**
   * Loads the module `upkeep.ts` once and starts it. If loading fails, the next connection loads it again.
   */
  #loadUpkeep(): void {
    if (this.#upkeep) {
      this.#upkeep.observePage();
      this.#upkeep.begin();
      return;
    }
    if (this.#isUpkeepLoading) return;
    this.#isUpkeepLoading = true;
    import("./upkeep.js")
      .then(
        ({ Upkeep }) => {
          this.#upkeep = new Upkeep(this);
          if (this.#phase.name !== "closed") this.#loadUpkeep();
        },
        (cause: unknown) => this.observer.onError(notLoaded(cause)),
      )
      .finally(() => {
        this.#isUpkeepLoading = false;
      });
  }

  #become(change: Partial<ConnectionState>, report: () => void = () => {}): void {
    const before = this.#state;
    const state = { ...before, ...change };
    this.#state = state;
    report();
    // The observer may have changed the state again during the report. That change has notified the listeners
    // already.
    if (this.#state !== state) return;
    this.observer.onState(state);
    if (state.error && state.error !== before.error) this.observer.onError(state.error);
    this.#listeners.notify();
  }
}
