import type { Publication, Push } from "@grandstand/shared/channels";
import type { Broadcaster, Connection } from "../core/connection.js";
import { Rate, type SendLoad } from "./send-load.js";

/** The size of a push. `waitedMs` is how long its first publication waited. */
export interface PushSize {
  publications: number;
  receivers: number;
  waitedMs: number;
}

/** Sends one push: calls `send` synchronously, and may count and trace the push. */
export type Deliver = (
  size: PushSize,
  send: () => void,
  push: Push,
  except?: ReadonlySet<Connection>,
) => void;

/**
 * The local connections that receive the same publications. A publication is sent immediately unless another one was
 * sent within the batch window. Publications within the window wait in a batch, which is sent when the window ends.
 */
export class FanoutGroup {
  readonly #name: string;
  readonly #channel: string;
  readonly #load: SendLoad;
  readonly #rate = new Rate();
  readonly #deliver: Deliver;
  /** The number of members by broadcaster; each transport has one broadcaster. */
  readonly #broadcasters = new Map<Broadcaster, number>();
  #size = 0;
  #batch: Push | null = null;
  #timer: NodeJS.Timeout | undefined;
  #windowEndsAt = 0;
  /** When the first publication of the waiting batch arrived. */
  #batchedAt = 0;

  constructor(name: string, channel: string, load: SendLoad, deliver: Deliver = (_size, send) => send()) {
    this.#name = name;
    this.#channel = channel;
    this.#load = load;
    this.#deliver = deliver;
  }

  get size(): number {
    return this.#size;
  }

  /** Sends the waiting batch to the current members, then adds the connection. It receives only later publications. */
  add(connection: Connection): void {
    this.flush();
    const { broadcaster } = connection;
    broadcaster.join(this.#name, connection);
    this.#broadcasters.set(broadcaster, (this.#broadcasters.get(broadcaster) ?? 0) + 1);
    this.#size += 1;
  }

  remove(connection: Connection): void {
    const { broadcaster } = connection;
    broadcaster.leave(this.#name, connection);
    const left = (this.#broadcasters.get(broadcaster) ?? 0) - 1;
    if (left > 0) this.#broadcasters.set(broadcaster, left);
    else this.#broadcasters.delete(broadcaster);
    this.#size -= 1;
    if (this.#size === 0) clearTimeout(this.#timer);
  }

  publish(epoch: string, publications: Publication[]): void {
    if (this.#size === 0) return;
    const now = performance.now();
    this.#load.note(publications.length * this.#size, now);
    this.#rate.note(publications.length, now);
    if (this.#batch && this.#batch.epoch !== epoch) this.flush();
    if (this.#batch) {
      this.#batch.publications.push(...publications);
      return;
    }
    const push: Push = { channel: this.#channel, epoch, publications };
    if (now >= this.#windowEndsAt) {
      this.#beginWindow(now);
      this.#send(push, 0);
    } else {
      this.#batchedAt = now;
      this.#batch = { ...push, publications: [...publications] };
      this.#timer = setTimeout(this.#onWindowEnd, this.#windowEndsAt - now);
    }
  }

  /** Sends a publication immediately to all members that are not in `except`. Drops it if a batch is waiting. */
  publishEphemeral(epoch: string, publication: Publication, except: ReadonlySet<Connection>): void {
    if (this.#batch) return;
    const push: Push = { channel: this.#channel, epoch, publications: [publication] };
    const size = { publications: 1, receivers: this.#size - except.size, waitedMs: 0 };
    this.#deliver(size, () => this.#broadcast(push, except), push, except);
  }

  /** Sends the waiting batch immediately. */
  flush(): void {
    const batch = this.#batch;
    if (!batch) return;
    clearTimeout(this.#timer);
    this.#batch = null;
    this.#send(batch, performance.now() - this.#batchedAt);
  }

  readonly #onWindowEnd = (): void => {
    this.#beginWindow(performance.now());
    this.flush();
  };

  #beginWindow(now: number): void {
    this.#windowEndsAt = now + this.#load.windowMs(now, this.#rate.perMs(now));
  }

  #send(push: Push, waitedMs: number): void {
    const size = { publications: push.publications.length, receivers: this.#size, waitedMs };
    this.#deliver(size, () => this.#load.measure(this.#size, () => this.#broadcast(push)), push);
  }

  #broadcast(push: Push, except?: ReadonlySet<Connection>): void {
    for (const broadcaster of this.#broadcasters.keys()) broadcaster.broadcast(this.#name, push, except);
  }
}
