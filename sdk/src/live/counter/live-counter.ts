import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import {
  type ChannelReply,
  ChannelSubscription,
  type SubscriptionObserver,
  type SubscriptionWire,
} from "../channel/channel-subscription.js";
import { wholeChannel } from "../channel/channel-view.js";
import { type LiveChannel, LiveChannels } from "../channel/live-channels.js";
import { Viewers } from "../channel/viewers.js";
import { type LiveCounterState, loadingCounter } from "./counter-state.js";

/** The counters that a client watches. */
export class LiveCounters extends LiveChannels<WatchedCounter> {
  constructor(wire: SubscriptionWire) {
    super("counter:", (counter, onUnused) => new WatchedCounter(counter, wire, onUnused));
  }
}

/** A counter that is watched: one subscription and one state for all listeners. */
class WatchedCounter implements LiveChannel, SubscriptionObserver {
  readonly subscription: ChannelSubscription;
  readonly #onUnused: (counter: WatchedCounter) => void;
  readonly #viewers = new Viewers<{ listener: () => void }>(() => this.#want());
  #state = loadingCounter;

  constructor(counter: string, wire: SubscriptionWire, onUnused: (counter: WatchedCounter) => void) {
    this.#onUnused = onUnused;
    this.subscription = new ChannelSubscription(`counter:${counter}`, wire, this);
  }

  get state(): LiveCounterState {
    return this.#state;
  }

  listen(listener: () => void): () => void {
    return this.#viewers.listen({ listener });
  }

  end(error: GrandstandError): void {
    this.#viewers.end();
    this.subscription.end();
    this.#become({ ...this.#state, status: "failed", error });
  }

  reopen(): void {
    this.#viewers.reopen();
    this.#become(loadingCounter);
    this.#want();
  }

  onSubscribed({ snapshot }: ChannelReply): void {
    const { value } = snapshot as CounterSnapshot;
    this.#become({ ...this.#state, status: "live", value, error: null });
  }

  onPublications(publications: Publication[]): void {
    this.#become(publications.reduce(applied, this.#state));
  }

  onInterrupted(error: GrandstandError | null): void {
    const isKnown = this.#state.status === "live" || this.#state.status === "stale";
    this.#become({ ...this.#state, status: isKnown ? "stale" : "loading", error });
  }

  onRefused(error: GrandstandError): void {
    this.#become({ ...this.#state, status: "failed", error });
  }

  onIdle(): void {
    this.#onUnused(this);
  }

  #want(): void {
    const isWanted = this.#viewers.all.length > 0;
    if (!isWanted) this.#state = loadingCounter;
    this.subscription.want(isWanted ? wholeChannel : null);
  }

  #become(state: LiveCounterState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const { listener } of this.#viewers.present) listener();
  }
}

function applied(state: LiveCounterState, { event, data }: Publication): LiveCounterState {
  switch (event) {
    case "counter.updated": {
      const { value } = data as CounterUpdated;
      return value === state.value ? state : { ...state, value };
    }
    case "counter.threshold":
      return { ...state, crossing: data as CounterThreshold };
    default:
      // An event of a newer server, which this version does not show.
      return state;
  }
}
