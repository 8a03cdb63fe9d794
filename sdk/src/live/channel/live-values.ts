import type { Push } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Store } from "../../store.js";
import { Polling } from "./polling.js";
import { Retry } from "./retry.js";
import { type LiveValuesState, loadingValues } from "./values-state.js";
import { Viewers } from "./viewers.js";

interface Viewer {
  readonly keys: readonly string[];
  readonly listener: () => void;
}

/** The delay before a refresh, so that several changes in quick succession cause one read. */
const REFRESH_MS = 300;

export interface ValuesSource<V> {
  readonly everyMs: number;
  /** The greatest number of keys in one call. */
  readonly mostKeys: number;
  read(keys: string[]): Promise<readonly (readonly [string, V])[]>;
  /** The keys whose values may have changed according to a push. The push may belong to any channel. */
  touchedBy?(push: Push): Iterable<string>;
  /**
   * Called when the first listener is added. From then on, the source calls `take` with each value that the server pushes.
   * @returns a function that makes the source stop these calls
   */
  follow?(values: Pick<ValuesPolling<V>, "take" | "refresh">): () => void;
}

/**
 * The values of all keys that have listeners. They are read together, at an interval and when they may have
 * changed.
 */
export class ValuesPolling<V> {
  /** Called when a listener is added. */
  onOpen: () => void = () => {};
  readonly #source: ValuesSource<V>;
  readonly #viewers = new Viewers<Viewer>(() => this.#share());
  readonly #polling: Polling<[string, V][]>;
  readonly #refresh = new Retry(() => this.#polling.readNow());
  #stopFollowing: (() => void) | null = null;
  /** The keys whose values the server pushes, so that they need no refresh. */
  readonly #pushed = new Set<string>();
  #keys = "";
  #values = new Map<string, V>();
  #state: Pick<LiveValuesState<V>, "status" | "error"> = { status: "loading", error: null };

  constructor(wire: { readonly isLive: boolean }, source: ValuesSource<V>) {
    this.#source = source;
    this.#polling = new Polling(wire, source.everyMs, {
      read: () => this.#read(),
      onRead: (values) => {
        this.#values = new Map(values.map(([key, value]) => [key, this.#keep(key, value)]));
        this.#become("live", null);
      },
      onInterrupted: (error) => this.#become(this.#values.size > 0 ? "stale" : "loading", error),
      onRefused: (error) => this.#become("failed", error),
    });
  }

  /** Whether there are listeners. */
  get isUsed(): boolean {
    return this.#keys !== "";
  }

  view(keys: readonly string[]): Store<LiveValuesState<V>> {
    let source: unknown;
    let state: LiveValuesState<V> = loadingValues;
    return {
      get: () => {
        if (source !== this.#state) {
          source = this.#state;
          state = this.#stateOf(keys, state);
        }
        return state;
      },
      subscribe: (listener) => {
        this.onOpen();
        return this.#viewers.listen({ keys, listener });
      },
    };
  }

  /** Reads the values immediately. */
  retry(): void {
    this.#polling.readNow();
  }

  /** Schedules a read, because the value of `key` may have changed. Without `key`, any value may have changed. */
  refresh(key?: string): void {
    if (key !== undefined && this.#pushed.has(key)) return;
    if (this.isUsed && !this.#refresh.isWaiting) this.#refresh.scheduleIn(REFRESH_MS);
  }

  /** Takes a value that the server pushed. */
  take(key: string, value: V): void {
    this.#pushed.add(key);
    if (!this.#values.has(key)) return;
    this.#values.set(key, this.#keep(key, value));
    this.#become(this.#state.status, this.#state.error);
  }

  onLive(): void {
    // `readNow` reads everything, so a scheduled refresh is not needed.
    this.#refresh.cancel();
    this.#polling.readNow();
  }

  onLost(): void {
    this.#polling.onLost();
  }

  onPush(push: Push): void {
    for (const key of this.#source.touchedBy?.(push) ?? []) if (this.#values.has(key)) this.refresh(key);
  }

  onRefreshed(): void {
    if (this.#state.status === "failed") this.#polling.readNow();
  }

  end(error: GrandstandError): void {
    this.#viewers.end();
    this.#refresh.cancel();
    this.#polling.stop();
    this.#become("failed", error);
  }

  reopen(): void {
    this.#viewers.reopen();
    this.#values.clear();
    this.#pushed.clear();
    this.#keys = "";
    this.#become("loading", null);
    this.#share();
  }

  /**
   * Reads if the set of keys has changed. Keys that are added in one turn of the event loop share one read.
   */
  #share(): void {
    const keys = [...new Set(this.#viewers.all.flatMap((viewer) => viewer.keys))].sort().join("\n");
    if (keys === this.#keys) return;
    this.#keys = keys;
    if (this.isUsed) {
      this.#stopFollowing ??= this.#source.follow?.(this) ?? null;
      this.#polling.want();
      this.#refresh.scheduleIn(0);
      return;
    }
    this.#stopFollowing?.();
    this.#stopFollowing = null;
    this.#refresh.cancel();
    this.#polling.stop();
    this.#values.clear();
    this.#pushed.clear();
    this.#state = { status: "loading", error: null };
  }

  async #read(): Promise<[string, V][]> {
    const keys = this.#keys.split("\n");
    const { mostKeys } = this.#source;
    const parts = Array.from({ length: Math.ceil(keys.length / mostKeys) }, (_, at) =>
      this.#source.read(keys.slice(at * mostKeys, (at + 1) * mostKeys)),
    );
    return (await Promise.all(parts)).flat().map(([key, value]) => [key, value]);
  }

  /** Returns the former value if it is equal, so that unchanged values stay the same objects. */
  #keep(key: string, value: V): V {
    const before = this.#values.get(key);
    return before !== undefined && JSON.stringify(before) === JSON.stringify(value) ? before : value;
  }

  #stateOf(keys: readonly string[], before: LiveValuesState<V>): LiveValuesState<V> {
    const known = keys.filter((key) => this.#values.has(key));
    const values = Object.fromEntries(known.map((key) => [key, this.#values.get(key)!]));
    const { status, error } = this.#state;
    const isComplete = known.length === keys.length || status === "failed";
    const state = { status: isComplete ? status : ("loading" as const), values, error };
    const isSame =
      state.status === before.status &&
      error === before.error &&
      known.length === Object.keys(before.values).length &&
      known.every((key) => before.values[key] === values[key]);
    return isSame ? before : state;
  }

  #become(status: LiveValuesState<V>["status"], error: GrandstandError | null): void {
    this.#state = { status, error };
    for (const { listener } of this.#viewers.attached) listener();
  }
}
