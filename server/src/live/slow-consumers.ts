import type { Connection } from "../core/connection.js";
import { noObserver, type Observer } from "../observer/observer.js";

/** The limits on what waits in this process for one client. */
export interface QueueLimits {
  /** Above this, the client's subscriptions are paused until its queue has drained to half of this. */
  queuedBytes: number;
  /**
   * Above this, a paused connection is closed. If a single large push exceeds this, a connection that is not paused yet
   * is only paused.
   */
  closeBytes: number;
  /** A connection is closed when its queue is more than half full and has not become shorter for this long. */
  closeMs: number;
}

/** What the hub does for a slow consumer. */
export interface Channels {
  /** Pauses all subscriptions of a connection. */
  pause(connection: Connection): void;
  /** Sends what a connection missed and resumes its subscriptions one by one, while there is room. */
  catchUp(connection: Connection, hasRoom: () => boolean): Promise<void>;
  hasPausedSubscription(connection: Connection): boolean;
}

interface SlowConsumer {
  /** The size of the send queue at the last check. */
  queuedBytes: number;
  /** The time of the last check that found the queue drained, or shorter than at the check before. */
  lastReadAt: number;
  isCatchingUp: boolean;
  /** The earliest time of the next attempt to catch up. */
  catchUpAt: number;
  /** The queue is too long, so the subscriptions get no publications until the queue has drained. */
  isPaused: boolean;
  /** The connection has left its fan-out groups, so publications no longer fill its queue. */
  hasLeftGroups: boolean;
  /** The time at which the connection is terminated if it is still open. Null until its close notice is sent. */
  terminateAt: number | null;
}

const CHECK_INTERVAL_MS = 10;
/** The delay after a failed read of what a client missed. */
const RETRY_MS = 500;
/** After this time, a closed connection is terminated here. Transports do so earlier (`CLOSE_NOTICE_TIMEOUT_MS`). */
const SLOW_CLOSE_NOTICE_TIMEOUT_MS = 10_000;

/**
 * The connections whose clients read more slowly than their channels publish. Their queues are bounded: a
 * connection with a full queue leaves its fan-out groups. Once the queue has drained, the connection catches up from the
 * log of each channel, or gets a resync for a channel without a log.
 * A connection that keeps up costs nothing here.
 */
export class SlowConsumers {
  readonly #limits: QueueLimits;
  readonly #channels: Channels;
  readonly #observer: Observer;
  readonly #slow = new Map<Connection, SlowConsumer>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: QueueLimits, channels: Channels, observer: Observer = noObserver) {
    this.#limits = limits;
    this.#channels = channels;
    this.#observer = observer;
  }

  get size(): number {
    return this.#slow.size;
  }

  /** Whether backpressure has paused the subscriptions of a connection. */
  isPaused(connection: Connection): boolean {
    return this.#slow.get(connection)?.isPaused ?? false;
  }

  /** Transports call this after each send. */
  note(connection: Connection): void {
    const { queuedBytes } = connection;
    if (queuedBytes <= this.#limits.queuedBytes) return;
    const consumer = this.add(connection);
    if (!consumer.isPaused) {
      consumer.isPaused = true;
      this.#observer.note("consumerPaused", { transport: connection.transport });
      // In a microtask, because a broadcast to the connection's group may be running now.
      queueMicrotask(() => {
        if (!this.#slow.has(connection)) return;
        this.#channels.pause(connection);
        consumer.hasLeftGroups = consumer.isPaused;
      });
    }
    // `closeBytes` applies only after the connection has left its groups. Before that, one batch of large publications can
    // exceed `closeBytes` even if the client reads fast.
    if (consumer.hasLeftGroups && this.isTooMuch(queuedBytes)) this.#close(connection, consumer);
  }

  /** Whether a queue of this size exceeds the limit above which a paused connection is closed. */
  isTooMuch(queuedBytes: number): boolean {
    return queuedBytes > this.#limits.closeBytes;
  }

  /** Watches a connection, whatever the size of its queue. The hub calls this if a subscription begins paused. */
  add(connection: Connection): SlowConsumer {
    const known = this.#slow.get(connection);
    if (known) return known;
    const consumer: SlowConsumer = {
      queuedBytes: connection.queuedBytes,
      lastReadAt: performance.now(),
      isCatchingUp: false,
      catchUpAt: 0,
      isPaused: false,
      hasLeftGroups: false,
      terminateAt: null,
    };
    this.#slow.set(connection, consumer);
    this.#timer ??= setInterval(this.#check, CHECK_INTERVAL_MS);
    return consumer;
  }

  /** Stops watching a connection that has closed or caught up. */
  forget(connection: Connection): void {
    this.#slow.delete(connection);
    if (this.#slow.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #check = (): void => {
    const now = performance.now();
    for (const [connection, consumer] of this.#slow) this.#checkOne(connection, consumer, now);
  };

  #checkOne(connection: Connection, consumer: SlowConsumer, now: number): void {
    if (consumer.terminateAt !== null) {
      if (now >= consumer.terminateAt) connection.terminate();
      return;
    }
    const { queuedBytes } = connection;
    const isDrained = this.#isDrained(connection);
    if (isDrained || queuedBytes < consumer.queuedBytes) consumer.lastReadAt = now;
    consumer.queuedBytes = queuedBytes;
    if (isDrained) {
      if (!consumer.isCatchingUp && now >= consumer.catchUpAt) void this.#catchUp(connection, consumer);
    } else if (now - consumer.lastReadAt > this.#limits.closeMs) this.#close(connection, consumer);
  }

  #isDrained({ queuedBytes }: Connection): boolean {
    return queuedBytes <= this.#limits.queuedBytes / 2;
  }

  #close(connection: Connection, consumer: SlowConsumer): void {
    if (consumer.terminateAt !== null) return;
    consumer.terminateAt = performance.now() + SLOW_CLOSE_NOTICE_TIMEOUT_MS;
    connection.close("slowConsumer");
  }

  async #catchUp(connection: Connection, consumer: SlowConsumer): Promise<void> {
    consumer.isCatchingUp = true;
    // Reset before the catch-up: a subscription that has resumed may fill the queue and so pause the connection again
    // while `catchUp` still runs.
    consumer.isPaused = false;
    consumer.hasLeftGroups = false;
    const hasRoom = () => !consumer.isPaused && this.#isDrained(connection);
    try {
      await this.#channels.catchUp(connection, hasRoom);
      // `hasPausedSubscription` is asked only now, because a subscription that began during `catchUp` may be paused.
      if (!consumer.isPaused && !this.#channels.hasPausedSubscription(connection)) this.forget(connection);
    } catch {
      // Redis did not answer a read of the log.
      consumer.catchUpAt = performance.now() + RETRY_MS;
    } finally {
      consumer.isCatchingUp = false;
    }
  }
}
