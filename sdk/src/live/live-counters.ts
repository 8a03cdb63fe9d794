import type { SubscriptionWire } from "./channel-subscription.js";
import { LiveChannels } from "./live-channels.js";
import { WatchedCounter } from "./watched-counter.js";

/** The counters that a client watches, by id. */
export class LiveCounters extends LiveChannels<WatchedCounter> {
  constructor(wire: SubscriptionWire) {
    super("counter", (counter, onUnused) => new WatchedCounter(counter, wire, onUnused));
  }
}
