import type { Position, Publication, Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../core/connection.js";

/** The error of a subscription that ended, or whose connection closed, before its reply. */
export function endedEarly(): GrandstandError {
  return new GrandstandError("conflict", "The subscription was ended before it began");
}

interface Buffered {
  /** Null for a publication to this subscriber alone. */
  group: string | null;
  epoch: string;
  publications: Publication[];
}

/**
 * One connection's subscription to one channel. It buffers publications until the reply to the subscribe call is sent,
 * so that none is lost between the snapshot and the first push.
 */
export class Subscription<Channel = unknown> {
  readonly connection: Connection;
  readonly channel: Channel;
  /** The fan-out group; null until the feed has assigned it. */
  group: string | null = null;
  /** The push that says why the subscription ended before its reply was sent; null if it did not end. */
  endNotice: Push | null = null;
  #buffered: Buffered[] | null = [];
  /** The profiles that changed during buffering; null if none did, because an empty map takes memory. */
  #bufferedProfiles: Map<string, Publication["data"]> | null = null;

  constructor(connection: Connection, channel: Channel) {
    this.connection = connection;
    this.channel = channel;
  }

  get isLive(): boolean {
    return this.#buffered === null;
  }

  /** Called when the snapshot is taken. Discards the buffered publications, because the snapshot contains them. */
  stateTaken(): void {
    if (this.#buffered !== null) this.#buffered = [];
  }

  buffer(group: string | null, epoch: string, publications: Publication[]): void {
    this.#buffered?.push({ group, epoch, publications });
  }

  /** Buffers the latest profile of a user. Unlike publications, profile changes have no offset of their own. */
  bufferProfile(user: string, data: Publication["data"]): void {
    this.#bufferedProfiles ??= new Map();
    this.#bufferedProfiles.set(user, data);
  }

  /** Returns the profiles that changed during buffering, and forgets them. */
  takeProfiles(): Publication["data"][] {
    const changes = [...(this.#bufferedProfiles?.values() ?? [])];
    this.#bufferedProfiles = null;
    return changes;
  }

  /**
   * Stops buffering.
   * @returns the publications to this subscriber since the snapshot, in order. Publications of the epoch `position.epoch`
   * with an offset up to `position.offset` are left out, because the snapshot contains them.
   */
  release(position: Position): Omit<Buffered, "group">[] {
    const buffered = this.#buffered ?? [];
    this.#buffered = null;
    return buffered
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
