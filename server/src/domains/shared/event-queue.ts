import type { WebhookEventName } from "@grandstand/shared/webhook-events";
import type { Tracer } from "../../observer/tracer.js";
import type { Script, ScriptArgument } from "../../redis/scripts.js";
import { type EventSource, eventSeedOf } from "./queued-event.js";

/** The arguments of outbox.lua and of the scripts that include it. */
export const eventArguments = ["wantedEvents", "eventSeed", "rankedTop"] as const;
export type EventArgument = (typeof eventArguments)[number];
type EventArguments = Record<EventArgument, ScriptArgument>;

/** The event names of each kind of source. */
export const eventsOfSource: Record<EventSource["kind"], readonly WebhookEventName[]> = {
  board: ["leaderboard.season_closed", "leaderboard.rank_changed"],
  room: ["chat.message", "presence.joined", "presence.left"],
  counter: ["counter.threshold"],
  user: ["user.online", "user.offline"],
};

/** The events for which there are webhooks. */
export interface WantedEvents {
  /** The events of a source that any webhook wants. Rank changes are wanted only in the ranks 1 to `top`. */
  of(source: EventSource): { names: readonly WebhookEventName[]; top: number };
  /** Whether there is any webhook. Without one, `of` need not be called. */
  readonly isAny: boolean;
}

/** The event outboxes of all sources, from which events move to the queues of webhooks. */
export interface Outboxes {
  /** Adds a source to the list of outboxes, so that another node finds its events if this node stops. */
  note(source: EventSource): Promise<void>;
  /** Moves the events in a source's outbox to the queues of webhooks, in the background. Never throws. */
  drain(source: EventSource): void;
}

const NONE: EventArguments = { wantedEvents: "", eventSeed: "", rankedTop: 0 };

/** Runs the scripts that queue events for webhooks, with the arguments of outbox.lua. */
export class EventQueue {
  readonly #wanted: WantedEvents;
  readonly #outboxes: Outboxes;
  readonly #tracer: Tracer | undefined;

  /** @param tracer supplies the trace of the call that causes an event */
  constructor(wanted: WantedEvents, outboxes: Outboxes, tracer?: Tracer) {
    this.#wanted = wanted;
    this.#outboxes = outboxes;
    this.#tracer = tracer;
  }

  /**
   * Runs a script that may queue events of a source. If no webhook wants them, the script queues none, and no further
   * command is sent.
   * @param run runs the script with the arguments of outbox.lua
   */
  run<T>(
    script: Pick<Script<string>, "source">,
    source: EventSource,
    run: (outbox: EventArguments) => Promise<T>,
  ): Promise<T> {
    if (!this.#wanted.isAny || !script.source.args.includes("wantedEvents")) return run(NONE);
    const { names, top } = this.#wanted.of(source);
    return names.length === 0 ? run(NONE) : this.#runQueueing(names, top, source, run);
  }

  async #runQueueing<T>(
    names: readonly WebhookEventName[],
    top: number,
    source: EventSource,
    run: (outbox: EventArguments) => Promise<T>,
  ): Promise<T> {
    await this.#outboxes.note(source);
    try {
      return await run({
        wantedEvents: names.join(" "),
        eventSeed: eventSeedOf(this.#tracer?.traceparent),
        rankedTop: top,
      });
    } finally {
      // Also after a failure: the script may have run although its reply was lost.
      this.#outboxes.drain(source);
    }
  }
}

/** Queues no events, for a node without webhooks. */
export const noEvents = new EventQueue(
  { isAny: false, of: () => ({ names: [], top: 0 }) },
  { note: async () => {}, drain: () => {} },
);
