import { type DialObserver, dial, type Link } from "./dial.js";
import { Liveness } from "./liveness.js";
import type { Address, DebugLogger } from "./options.js";
import { observePage, type PageObserver } from "./page-events.js";
import type { Routes } from "./routes.js";
import { refreshToken } from "./token-refresh.js";
import type { TokenSource } from "./token-source.js";

/** What the upkeep needs of its connection. */
export interface UpkeepHost extends PageObserver {
  readonly settings: { readonly idleMs: number; readonly log: DebugLogger };
  /** `isInUse`: whether a call or a live view uses the connection. */
  readonly observer: { isInUse(): boolean; onRefreshed(): void };
  readonly tokens: TokenSource;
  readonly address: Address | null;
  readonly routes: Routes | null;
  /** The open link; null if there is none. */
  readonly link: Link | null;
  /** @param isCurrent whether the attempt is still the one that counts */
  observerOf(isCurrent: () => boolean): DialObserver;
  onDead(): void;
  onIdle(): void;
  onOtherUser(): void;
}

/** How long the client waits before it tries the preferred route again; twice as long each time. */
const PROBE_MS = { first: 5_000, most: 600_000 };
/** Any reply to this request, also an error, shows that the connection is alive. */
const PING = "ping";
/** How often the use of the connection is looked at, at least. */
const USE_MS = 5_000;

/**
 * Keeps a connection healthy once it is open: notices that it is dead or idle, renews its token, returns to the preferred
 * route, and follows the page. It is loaded while the first connection is being opened, which it does not delay.
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

  /** The client is open, with or without a connection. */
  observePage(): void {
    this.#stopObservingPage ??= observePage(this.#host);
  }

  /** The client is closed. */
  close(): void {
    this.end();
    this.#stopObservingPage?.();
    this.#stopObservingPage = null;
  }

  /** A link is open. */
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

  /** The link has ended. */
  end(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#liveness = null;
  }

  /** Something arrived. */
  received(): void {
    this.#liveness?.received();
  }

  /** A call was sent. */
  used(): void {
    this.#usedAt = performance.now();
  }

  /** Asks the server for a reply. */
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
    // Another user needs another connection.
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
   * Tries the preferred route from time to time while another one is in use, and changes to it once it works.
   * @returns a function that ends it
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
          // The connection that takes over must outlive the end of this probe.
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
