import type { Publication, Push } from "@grandstand/shared/channels";
import type { Broadcaster, Connection } from "../core/connection.js";
import type { SendLoad } from "./send-load.js";

/**
 * The local connections that receive the same publications, with the batch that gathers for them. A
 * publication after a quiet spell leaves at once; those behind it, within the window that the load asks
 * for, leave together at its end.
 */
export class FanoutGroup {
  readonly #name: string;
  readonly #channel: string;
  readonly #load: SendLoad;
  /** How many members each transport has. */
  readonly #broadcasters = new Map<Broadcaster, number>();
  #size = 0;
  #gathering: Push | null = null;
  #timer: NodeJS.Timeout | undefined;
  #windowEndsAt = 0;

  constructor(name: string, channel: string, load: SendLoad) {
    this.#name = name;
    this.#channel = channel;
    this.#load = load;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a member, who receives what is published from now on and nothing that still gathers. */
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
    if (this.#gathering && this.#gathering.epoch !== epoch) this.flush();
    if (this.#gathering) {
      this.#gathering.publications.push(...publications);
      return;
    }
    const push: Push = { channel: this.#channel, epoch, publications };
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + this.#load.windowMs(now);
      this.#send(push);
    } else {
      this.#gathering = { ...push, publications: [...publications] };
      this.#timer = setTimeout(this.#onWindowEnd, this.#windowEndsAt - now);
    }
  }

  /** Sends at once to all but some what is not worth waiting for; drops it where anything gathers. */
  publishEphemeral(epoch: string, publication: Publication, except: ReadonlySet<Connection>): void {
    if (this.#gathering) return;
    const push: Push = { channel: this.#channel, epoch, publications: [publication] };
    for (const broadcaster of this.#broadcasters.keys()) broadcaster.broadcast(this.#name, push, except);
  }

  /** Sends what gathers now. */
  flush(): void {
    const gathered = this.#gathering;
    if (!gathered) return;
    clearTimeout(this.#timer);
    this.#gathering = null;
    this.#send(gathered);
  }

  readonly #onWindowEnd = (): void => {
    const now = performance.now();
    this.#windowEndsAt = now + this.#load.windowMs(now);
    this.flush();
  };

  #send(push: Push): void {
    for (const broadcaster of this.#broadcasters.keys()) broadcaster.broadcast(this.#name, push);
  }
}
