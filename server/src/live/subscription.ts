import type { Position, Publication, Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";

/** The error for a subscription that ended, with its channel or connection, before its reply. */
export function endedEarly(): GrandstandError {
  return new GrandstandError("conflict", "The subscription ended before it began");
}

interface Held {
  /** Null for a publication to this subscriber alone. */
  group: string | null;
  epoch: string;
  publications: Publication[];
}

/**
 * One connection's subscription to one channel. It holds publications until its reply is sent, so that nothing between the
 * state in the reply and the first push is lost.
 */
export class Subscription<Channel = unknown> {
  readonly connection: Connection;
  readonly channel: Channel;
  /** Its fan-out group; null until the feed has joined it. */
  group: string | null = null;
  /** The push that explains why it was ended before its reply; null when it was not. */
  lastPush: Push | null = null;
  #held: Held[] | null = [];

  constructor(connection: Connection, channel: Channel) {
    this.connection = connection;
    this.channel = channel;
  }

  get isLive(): boolean {
    return this.#held === null;
  }

  /** Called when the feed reads the state, which includes every publication until now. */
  stateTaken(): void {
    if (this.#held !== null) this.#held = [];
  }

  hold(group: string | null, epoch: string, publications: Publication[]): void {
    this.#held?.push({ group, epoch, publications });
  }

  /**
   * Stops holding publications.
   * @returns the publications since the state was read, in order, without those at or before `position`: the state includes
   * them, although the topic delivered them later
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
