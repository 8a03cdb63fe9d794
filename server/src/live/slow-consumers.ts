import type { Connection } from "../core/connection.js";

/** What becomes of a client that does not read. */
export interface QueueLimits {
  /** Past this much in its queue it is sent no more of its channels until it has read. */
  queuedBytes: number;
  /** Past this much, which answers to its own calls can still make, it is closed. */
  closeBytes: number;
  /** And so it is when its queue, being more than half full, has not become shorter for this long. */
  closeMs: number;
}

/** What the hub does for one who reads slowly. */
export interface Channels {
  /** Sends a connection no more of any channel. */
  pause(connection: Connection): void;
  /** Sends what it missed, and takes it back into its channels one by one, as long as there is room. */
  catchUp(connection: Connection, hasRoom: () => boolean): Promise<void>;
  /** Whether there is a channel of which it is not sent what is published. */
  hasPausedSubscription(connection: Connection): boolean;
}

interface SlowReader {
  /** What waited for it when it was last looked at. */
  queuedBytes: number;
  /** When less was found to wait for it than before, or little enough. */
  readAt: number;
  isCatchingUp: boolean;
  /** Not before this is it tried to send it what it missed. */
  catchUpAt: number;
  /** It was taken out of all its groups, and is in none until its queue has drained. */
  isPaused: boolean;
  /** It was told to go, and is ended without a word then. */
  terminateAt: number | null;
}

const CHECK_INTERVAL_MS = 10;
/** How long Redis is left alone after it failed to tell what a client missed. */
const RETRY_MS = 500;
/** How long a client may take to hear that it is closed. */
const FAREWELL_MS = 10_000;

/**
 * The connections whose clients read slower than they are sent to. What waits for them in this process is bounded:
 * they leave their groups, and get the rest from the log when their queue has drained. A connection that keeps
 * up costs nothing here.
 */
export class SlowConsumers {
  readonly #limits: QueueLimits;
  readonly #channels: Channels;
  readonly #slow = new Map<Connection, SlowReader>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: QueueLimits, channels: Channels) {
    this.#limits = limits;
    this.#channels = channels;
  }

  get size(): number {
    return this.#slow.size;
  }

  /** Whether a connection is sent no more than it has read. */
  isPaused(connection: Connection): boolean {
    return this.#slow.get(connection)?.isPaused ?? false;
  }

  /** Transports call it when they have sent something. */
  note(connection: Connection): void {
    const { queuedBytes } = connection;
    if (queuedBytes <= this.#limits.queuedBytes) return;
    const reader = this.add(connection);
    if (!reader.isPaused) {
      reader.isPaused = true;
      // Not here: it may be in the middle of being sent to, with its whole group.
      queueMicrotask(() => {
        if (this.#slow.has(connection)) this.#channels.pause(connection);
      });
    }
    if (queuedBytes > this.#limits.closeBytes) this.#close(connection, reader);
  }

  /** Whether a connection is closed of which this much waits. */
  isTooMuch(queuedBytes: number): boolean {
    return queuedBytes > this.#limits.closeBytes;
  }

  /** Takes care of a connection of which a channel lags, whatever waits for it. */
  add(connection: Connection): SlowReader {
    const known = this.#slow.get(connection);
    if (known) return known;
    const reader: SlowReader = {
      queuedBytes: connection.queuedBytes,
      readAt: performance.now(),
      isCatchingUp: false,
      catchUpAt: 0,
      isPaused: false,
      terminateAt: null,
    };
    this.#slow.set(connection, reader);
    this.#timer ??= setInterval(this.#check, CHECK_INTERVAL_MS);
    return reader;
  }

  /** The connection is gone. */
  forget(connection: Connection): void {
    this.#slow.delete(connection);
    if (this.#slow.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #check = (): void => {
    const now = performance.now();
    for (const [connection, reader] of this.#slow) this.#checkOne(connection, reader, now);
  };

  #checkOne(connection: Connection, reader: SlowReader, now: number): void {
    if (reader.terminateAt !== null) {
      if (now >= reader.terminateAt) connection.terminate();
      return;
    }
    const { queuedBytes } = connection;
    const isDrained = this.#isDrained(connection);
    if (isDrained || queuedBytes < reader.queuedBytes) reader.readAt = now;
    reader.queuedBytes = queuedBytes;
    if (isDrained) {
      if (!reader.isCatchingUp && now >= reader.catchUpAt) void this.#catchUp(connection, reader);
    } else if (now - reader.readAt > this.#limits.closeMs) this.#close(connection, reader);
  }

  #isDrained({ queuedBytes }: Connection): boolean {
    return queuedBytes <= this.#limits.queuedBytes / 2;
  }

  #close(connection: Connection, reader: SlowReader): void {
    if (reader.terminateAt !== null) return;
    reader.terminateAt = performance.now() + FAREWELL_MS;
    connection.close("slowConsumer");
  }

  async #catchUp(connection: Connection, reader: SlowReader): Promise<void> {
    reader.isCatchingUp = true;
    // Those of its channels that are back may become too much for it while others are read: it lags again then.
    reader.isPaused = false;
    const hasRoom = () => !reader.isPaused && this.#isDrained(connection);
    try {
      await this.#channels.catchUp(connection, hasRoom);
      // Asked here and not by `catchUp`: a subscription that lags may have begun since that was through.
      if (!reader.isPaused && !this.#channels.hasPausedSubscription(connection)) this.forget(connection);
    } catch {
      // Redis is away.
      reader.catchUpAt = performance.now() + RETRY_MS;
    } finally {
      reader.isCatchingUp = false;
    }
  }
}
