import type { Connection } from "../core/connection.js";

/** The limits on what is queued for a client that reads slowly. */
export interface QueueLimits {
  /** Above this, its subscriptions are paused until it has read. */
  queuedBytes: number;
  /** Above this, which replies to its own calls can reach, it is closed. */
  closeBytes: number;
  /** It is closed when its queue is more than half full and has not shrunk for this time. */
  closeMs: number;
}

/** What the hub does for a slow consumer. */
export interface PausableSubscriptions {
  /** Pauses all subscriptions of a connection. */
  pause(connection: Connection): void;
  /** Sends what the connection missed and resumes its subscriptions one by one, while there is room. */
  catchUp(connection: Connection, hasRoom: () => boolean): Promise<void>;
  /** Whether any subscription of the connection is paused. */
  hasPausedSubscription(connection: Connection): boolean;
}

interface SlowConsumer {
  /** The bytes queued at the last check. */
  queuedBytes: number;
  /** When a check last found a shorter queue, or a short one. */
  readAt: number;
  isCatchingUp: boolean;
  /** The earliest time of the next catch-up. */
  catchUpAt: number;
  /** All its subscriptions are paused until its queue has drained. */
  isPaused: boolean;
  /** When it is terminated after its close notice; null when it has none. */
  terminateAt: number | null;
}

const CHECK_INTERVAL_MS = 10;
/** The delay after a catch-up that failed because Redis was unavailable. */
const RETRY_MS = 500;
/** How long a client may take to read its close notice. */
const CLOSE_NOTICE_TIMEOUT_MS = 10_000;

/**
 * Backpressure: bounds the memory that queued pushes use. The subscriptions of a slow consumer are paused, and catch up from
 * the log when its queue has drained. A connection that keeps up costs nothing here.
 */
export class SlowConsumers {
  readonly #limits: QueueLimits;
  readonly #channels: PausableSubscriptions;
  readonly #slow = new Map<Connection, SlowConsumer>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: QueueLimits, channels: PausableSubscriptions) {
    this.#limits = limits;
    this.#channels = channels;
  }

  get size(): number {
    return this.#slow.size;
  }

  /** Whether the subscriptions of a connection are paused. */
  isPaused(connection: Connection): boolean {
    return this.#slow.get(connection)?.isPaused ?? false;
  }

  /** Called by a transport after it has sent something. */
  note(connection: Connection): void {
    const { queuedBytes } = connection;
    if (queuedBytes <= this.#limits.queuedBytes) return;
    const consumer = this.add(connection);
    if (!consumer.isPaused) {
      consumer.isPaused = true;
      // Deferred, because a broadcast to its group may be in progress.
      queueMicrotask(() => {
        if (this.#slow.has(connection)) this.#channels.pause(connection);
      });
    }
    if (queuedBytes > this.#limits.closeBytes) this.#close(connection, consumer);
  }

  /** Whether a connection with this many bytes queued has to be closed. */
  exceedsLimit(queuedBytes: number): boolean {
    return queuedBytes > this.#limits.closeBytes;
  }

  /** Adds a connection with a paused subscription, whatever its queue. */
  add(connection: Connection): SlowConsumer {
    const known = this.#slow.get(connection);
    if (known) return known;
    const consumer: SlowConsumer = {
      queuedBytes: connection.queuedBytes,
      readAt: performance.now(),
      isCatchingUp: false,
      catchUpAt: 0,
      isPaused: false,
      terminateAt: null,
    };
    this.#slow.set(connection, consumer);
    this.#timer ??= setInterval(this.#check, CHECK_INTERVAL_MS);
    return consumer;
  }

  /** Removes a closed connection, or one that has caught up. */
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
    if (isDrained || queuedBytes < consumer.queuedBytes) consumer.readAt = now;
    consumer.queuedBytes = queuedBytes;
    if (isDrained) {
      if (!consumer.isCatchingUp && now >= consumer.catchUpAt) void this.#catchUp(connection, consumer);
    } else if (now - consumer.readAt > this.#limits.closeMs) this.#close(connection, consumer);
  }

  #isDrained({ queuedBytes }: Connection): boolean {
    return queuedBytes <= this.#limits.queuedBytes / 2;
  }

  #close(connection: Connection, consumer: SlowConsumer): void {
    if (consumer.terminateAt !== null) return;
    consumer.terminateAt = performance.now() + CLOSE_NOTICE_TIMEOUT_MS;
    connection.close("slowConsumer");
  }

  async #catchUp(connection: Connection, consumer: SlowConsumer): Promise<void> {
    consumer.isCatchingUp = true;
    // Resumed subscriptions may fill the queue while others catch up. The connection is paused again then.
    consumer.isPaused = false;
    const hasRoom = () => !consumer.isPaused && this.#isDrained(connection);
    try {
      await this.#channels.catchUp(connection, hasRoom);
      // Checked here, because a paused subscription may have begun since `catchUp` returned.
      if (!consumer.isPaused && !this.#channels.hasPausedSubscription(connection)) this.forget(connection);
    } catch {
      // Redis is unavailable.
      consumer.catchUpAt = performance.now() + RETRY_MS;
    } finally {
      consumer.isCatchingUp = false;
    }
  }
}
