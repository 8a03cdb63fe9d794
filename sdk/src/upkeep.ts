import { type DialObserver, dial, type Link } from "./dial.js";
import { Liveness } from "./liveness.js";
import type { Address, DebugLogger } from "./options.js";
import { observePage, type PageObserver } from "./page-events.js";
import type { Routes } from "./routes.js";
import { refreshToken } from "./token-refresh.js";
import type { TokenSource } from "./token-source.js";

/** The part of the connection that `Upkeep` uses. */
export interface UpkeepHost extends PageObserver {
  readonly settings: { readonly idleMs: number; readonly log: DebugLogger };
  /** `isInUse`: whether a call or a live view uses the connection. */
  readonly observer: { isInUse(): boolean; onRefreshed(): void };
  readonly tokens: TokenSource;
  readonly address: Address | null;
  readonly routes: Routes | null;
  /** The open link; null if there is none. */
  readonly link: Link | null;
  /**
   * The observer for one attempt to connect.
   * @param isCurrent whether the result of that attempt is still wanted
   */
  observerOf(isCurrent: () => boolean): DialObserver;
  onDead(): void;
  onIdle(): void;
  onOtherUser(): void;
}

/** The first and the longest delay before the preferred route is tried again. The delay doubles each time. */
const PROBE_MS = { first: 5_000, most: 600_000 };
/** There is no operation of this name, but the server's error reply shows that the connection is alive. */
const PING = "ping";
/** The longest interval at which to check whether the connection is in use. */
const USE_MS = 5_000;

/**
 * The tasks of an open connection: it detects a dead or idle connection, renews the token, returns to the
 * preferred route, and observes the page. This module is loaded in parallel to the first attempt to connect,
 * so that loading does not delay the attempt.
 */
export class Upkeep {
  readonly #host: UpkeepHost;
  #stopObservingPage: (() => void) | null = null;
  #liveness: Liveness | null = null;
  #stops: (() => void)[] = [];
  #usedAt = 0;

  constructor(host: UpkeepHost) {
    this.#host = host;
  }

  /**
   * Starts to observe the page. The page is observed until the client is closed, even without a connection.
   */
  observePage(): void {
    this.#stopObservingPage ??= observePage(this.#host);
  }

  /** Stops everything, because the client is closed. */
  close(): void {
    this.end();
    this.#stopObservingPage?.();
    this.#stopObservingPage = null;
  }

  /** Starts the tasks for a new link. */
  begin(): void {
    const { link } = this.#host;
    if (!link) return;
    this.end();
    const liveness = new Liveness(
      () => link.transport.send(PING, "{}", () => this.#host.settings.log("the connection answers", {})),
      () => {
        if (this.#host.link === link) this.#host.onDead();
      },
    );
    this.#liveness = liveness;
    this.#stops = [() => liveness.stop(), this.#watchUse(), this.#probe(link)];
  }

  /** Stops the tasks for the link, because it has ended. */
  end(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#liveness = null;
  }

  /** The server sent something. */
  received(): void {
    this.#liveness?.received();
  }

  /** A call was sent. */
  used(): void {
    this.#usedAt = performance.now();
  }

  /** Checks that the server still answers. */
  check(): void {
    this.#liveness?.check();
  }

  async refresh({ transport }: Link): Promise<void> {
    const { tokens } = this.#host;
    const { log } = this.#host.settings;
    const isCurrent = () => this.#host.link?.transport === transport;
    const outcome = await refreshToken({ transport, tokens, isCurrent, log });
    if (!isCurrent()) return;
    if (outcome === "refreshed") this.#host.observer.onRefreshed();
    // A connection can't change its user, so the client reconnects.
    if (outcome === "otherUser") this.#host.onOtherUser();
  }

  #watchUse(): () => void {
    const { idleMs } = this.#host.settings;
    if (idleMs === 0) return () => {};
    this.used();
    const ticker = setInterval(
      () => {
        if (this.#host.observer.isInUse()) this.used();
        else if (performance.now() - this.#usedAt >= idleMs) this.#host.onIdle();
      },
      Math.min(USE_MS, idleMs),
    );
    return () => clearInterval(ticker);
  }

  /**
   * Tries the preferred route from time to time while the fallback is in use. Once the preferred route works, the client
   * switches to it.
   * @returns a function that stops these attempts
   */
  #probe(link: Link): () => void {
    const { routes, address } = this.#host;
    if (!routes || !address || link.route === routes.preferred) return () => {};
    const isCurrent = () => this.#host.link === link;
    let delayMs = PROBE_MS.first;
    let cancel = () => {};
    const schedule = () => {
      const timer = setTimeout(() => void attempt(), delayMs);
      cancel = () => clearTimeout(timer);
      delayMs = Math.min(delayMs * 2, PROBE_MS.most);
    };
    const attempt = async () => {
      const token = await this.#host.tokens.get().catch(() => undefined);
      if (!isCurrent()) return;
      if (token === undefined) {
        schedule();
        return;
      }
      const observer = this.#host.observerOf(isCurrent);
      cancel = dial([routes.preferred], address, token, {
        ...observer,
        onWelcome: (welcomed, welcome) => {
          // The new link replaces the old link, so this probe is stopped. Its `cancel` must not close the new link.
          cancel = () => {};
          observer.onWelcome(welcomed, welcome, true);
        },
        onFailed: schedule,
      });
    };
    schedule();
    return () => cancel();
  }
}
