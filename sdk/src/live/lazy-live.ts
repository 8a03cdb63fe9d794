import type { Push } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import { callApp } from "../app-callback.js";
import { Backoff } from "../backoff.js";
import { notLoaded } from "../not-loaded.js";
import type { Store } from "../store.js";

/** The live views of one kind, such as chat rooms. They receive the events of the connection. */
export interface Live {
  /** Called when something needs a connection. */
  onOpen: () => void;
  /** Whether anything needs the connection. */
  readonly isUsed: boolean;
  onLive(): void;
  onLost(): void;
  onPush(push: Push): void;
  /** The connection has a new token, with which a refused subscription may be allowed. */
  onRefreshed(): void;
  /** The client is closed. */
  end(error: GrandstandError): void;
  /** The client is open again, perhaps for another user. */
  reopen(): void;
}

/** @returns a function that ends the use; undefined if there is nothing to end */
type Use<L> = (live: L) => (() => void) | undefined;

/**
 * Live views of one kind whose code is loaded on first use, so that a page loads only the code that it needs.
 */
export class LazyLive<L extends Live> implements Live {
  onOpen: () => void = () => {};
  readonly #load: () => Promise<L>;
  readonly #onError: (error: GrandstandError) => void;
  /** The `use` callbacks that wait until the code is loaded, in order. */
  readonly #waiting = new Set<(live: L) => void>();
  #loaded: L | null = null;
  #pending: Promise<L | null> | null = null;
  #ended: GrandstandError | null = null;

  constructor(load: () => Promise<L>, onError: (error: GrandstandError) => void) {
    this.#load = load;
    this.#onError = onError;
  }

  get isUsed(): boolean {
    return this.#loaded?.isUsed ?? this.#waiting.size > 0;
  }

  get loaded(): L | null {
    return this.#loaded;
  }

  /**
   * Resolves when the code is loaded and the waiting `use` callbacks have run; null if no code is being
   * loaded.
   */
  get pending(): Promise<L | null> | null {
    return this.#pending;
  }

  /**
   * Calls `use` when the code is loaded, which may be at once.
   * @returns a function that ends the use. If that function is called before the code is loaded, `use` never runs.
   */
  use(use: Use<L>): () => void {
    this.onOpen();
    let end: (() => void) | undefined;
    const run = (live: L) => {
      end = use(live);
    };
    if (this.#loaded) run(this.#loaded);
    else {
      this.#waiting.add(run);
      this.#start();
    }
    return () => {
      this.#waiting.delete(run);
      end?.();
      end = undefined;
    };
  }

  /** A store that has the state `initial` until the code is loaded. */
  store<S>(initial: S, open: (live: L) => Store<S>): Store<S> {
    let store: Store<S> | null = null;
    const opened = (live: L) => {
      store ??= open(live);
      return store;
    };
    return {
      get: () => (this.#loaded ? opened(this.#loaded).get() : initial),
      subscribe: (listener) => {
        const isLate = this.#loaded === null;
        return this.use((live) => {
          const stop = opened(live).subscribe(listener);
          if (isLate && opened(live).get() !== initial) callApp(listener);
          return stop;
        });
      },
    };
  }

  onLive(): void {
    this.#loaded?.onLive();
  }

  onLost(): void {
    this.#loaded?.onLost();
  }

  onPush(push: Push): void {
    this.#loaded?.onPush(push);
  }

  onRefreshed(): void {
    this.#loaded?.onRefreshed();
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    this.#loaded?.end(error);
  }

  reopen(): void {
    this.#ended = null;
    this.#loaded?.reopen();
    if (this.#waiting.size > 0) this.#start();
  }

  #start(): void {
    this.#pending ??= this.#loadCode().finally(() => {
      this.#pending = null;
    });
  }

  /** Loads the code, and retries until it is loaded, nothing waits for it, or the client is closed. */
  async #loadCode(): Promise<L | null> {
    const backoff = new Backoff();
    for (;;) {
      const live = await this.#load().catch((cause: unknown) => {
        this.#onError(notLoaded(cause));
        return null;
      });
      if (live) {
        this.#begin(live);
        return live;
      }
      await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
      if (this.#ended || this.#waiting.size === 0) return null;
    }
  }

  #begin(live: L): void {
    live.onOpen = this.onOpen;
    if (this.#ended) live.end(this.#ended);
    this.#loaded = live;
    for (const run of this.#waiting) {
      this.#waiting.delete(run);
      run(live);
    }
  }
}
