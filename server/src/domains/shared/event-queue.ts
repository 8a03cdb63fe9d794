import type { WebhookEventName } from "@grandstand/shared/webhook-events";
import type { Tracer } from "../../observer/tracer.js";
import type { Script, ScriptArgument } from "../../redis/scripts.js";
import { type EventSource, eventSeedOf } from "./queued-event.js";

/** The names of the arguments that outbox.lua and its users take. */
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

/** Which events webhooks want. */
export interface WantedEvents {
  /** The events of a source that a webhook wants, and the number of ranks whose changes are wanted. */
  of(source: EventSource): { names: readonly WebhookEventName[]; top: number };
  /** False when there is no webhook, so that nothing needs to be asked. */
  readonly isAny: boolean;
}

/** Queues the events of each source. */
export interface Outboxes {
  /** Makes sure that other nodes find the outbox of a source. */
  note(source: EventSource): Promise<void>;
  /** Moves what is in the outbox to the queues of webhooks. Never fails. */
  drain(source: EventSource): void;
}

const NONE: EventArguments = { wantedEvents: "", eventSeed: "", rankedTop: 0 };

/** Runs the scripts that queue events for webhooks, with the arguments of outbox.lua. */
export class EventQueue {
  readonly #wanted: WantedEvents;
  readonly #outboxes: Outboxes;
  readonly #tracer: Tracer | undefined;

  /** @param tracer gives events the trace of the call that causes them */
  constructor(wanted: WantedEvents, outboxes: Outboxes, tracer?: Tracer) {
    this.#wanted = wanted;
    this.#outboxes = outboxes;
    this.#tracer = tracer;
  }

  /**
   * Runs a script about a source. Without a webhook that wants its events, this costs nothing: the script queues none.
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

/** A queue for a node without webhooks. */
export const noEvents = new EventQueue(
  { isAny: false, of: () => ({ names: [], top: 0 }) },
  { note: async () => {}, drain: () => {} },
);
