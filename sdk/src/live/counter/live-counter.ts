import type { Publication } from "@grandstand/shared/channels";
import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import { ChannelSubscription, type SubscriptionWire } from "../channel/channel-subscription.js";
import { LiveChannels } from "../channel/live-channels.js";
import { WatchedChannel } from "../channel/watched-channel.js";
import { type LiveCounterState, loadingCounter } from "./counter-state.js";

/** The counters that a client watches. */
export class LiveCounters extends LiveChannels<WatchedCounter> {
  constructor(wire: SubscriptionWire) {
    super("counter:", (counter, onUnused) => new WatchedCounter(counter, wire, onUnused));
  }
}

class WatchedCounter extends WatchedChannel<LiveCounterState> {
  readonly subscription: ChannelSubscription;

  constructor(counter: string, wire: SubscriptionWire, onUnused: (counter: WatchedCounter) => void) {
    super(loadingCounter, () => onUnused(this));
    this.subscription = new ChannelSubscription(`counter:${counter}`, wire, this);
  }

  protected override withSnapshot(before: LiveCounterState, snapshot: unknown): LiveCounterState {
    return { ...before, value: (snapshot as CounterSnapshot).value };
  }

  protected override withEvent(before: LiveCounterState, { event, data }: Publication): LiveCounterState {
    switch (event) {
      case "counter.updated": {
        const { value } = data as CounterUpdated;
        return value === before.value ? before : { ...before, value };
      }
      case "counter.threshold":
        return { ...before, crossing: data as CounterThreshold };
      default:
        // A newer server may send events that this version does not know.
        return before;
    }
  }
}
