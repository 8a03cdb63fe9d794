import type { Position, Publication, Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";

/** What a subscriber hears whose subscription, channel or connection ended while it was taken in. */
export function endedEarly(): GrandstandError {
  return new GrandstandError("conflict", "The subscription was ended before it began");
}

interface Held {
  /** Null for what was published to this subscriber alone. */
  group: string | null;
  epoch: string;
  publications: Publication[];
}

/**
 * One connection's subscription to one channel. Until its reply is on the way it holds what is published,
 * so that nothing between the state in the reply and the first push is lost.
 */
export class Subscription<Channel = unknown> {
  readonly connection: Connection;
  readonly channel: Channel;
  /** Where it belongs; null until the feed has taken it in. */
  group: string | null = null;
  /** Why it was ended before its reply was on the way; null when it was not, or there is nothing to say. */
  farewell: Push | null = null;
  #held: Held[] | null = [];

  constructor(connection: Connection, channel: Channel) {
    this.connection = connection;
    this.channel = channel;
  }

  get isLive(): boolean {
    return this.#held === null;
  }

  /** Called in the moment that the state is taken: it contains what was published until now. */
  stateTaken(): void {
    if (this.#held !== null) this.#held = [];
  }

  hold(group: string | null, epoch: string, publications: Publication[]): void {
    this.#held?.push({ group, epoch, publications });
  }

  /**
   * Ends the holding.
   * @returns what was published to this subscriber since the state was taken, in order. What the topic told of
   * later than the state did, lies at or before `position` and is left out.
   */
  release(position: Position): Omit<Held, "group">[] {
    const held = this.#held ?? [];
    this.#held = null;
    return held
      .filter(({ group }) => group === null || group === this.group)
      .map(({ epoch, publications }) => ({
        epoch,
        publications:
          epoch === position.epoch
            ? publications.filter((publication) => publication.offset > position.offset)
            : publications,
      }))
      .filter(({ publications }) => publications.length > 0);
  }
}
