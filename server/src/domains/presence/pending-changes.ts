import { bytesOf } from "./member.js";
import type { RoomChange } from "./watched-room.js";

/** The latest of a user of whom there is something to tell: without a record of one who left. */
export type Untold = Pick<RoomChange, "user" | "record" | "offset">;

/**
 * What watchers have yet to be told: of each user the latest. It is taken in parts, in the order of the latest changes, so
 * that with each part everything is told up to an offset. What comes meanwhile waits until all parts are taken: who
 * changes all the time keeps nobody waiting.
 */
export class PendingChanges {
  #parts: Untold[] = [];
  readonly #later = new Map<string, Untold>();

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#later.size === 0;
  }

  /** Whether the rest of what began to be told waits. */
  get hasParts(): boolean {
    return this.#parts.length > 0;
  }

  note({ user, record, offset }: Untold): void {
    // To the end.
    this.#later.delete(user);
    this.#later.set(user, { user, record, offset });
  }

  /** Everyone of whom there is something to tell. */
  *users(): Iterable<string> {
    for (const { user } of this.#parts) yield user;
    yield* this.#later.keys();
  }

  clear(): void {
    this.#parts = [];
    this.#later.clear();
  }

  /** @param mostBytes about; one change is taken however large it is, and all of one offset are */
  takePart(mostBytes: number): Untold[] {
    if (this.#parts.length === 0) {
      this.#parts = [...this.#later.values()];
      this.#later.clear();
    }
    let bytes = 0;
    const end = this.#parts.findIndex((untold, at) => {
      bytes += bytesOf(untold.user, untold.record);
      return at > 0 && bytes > mostBytes && untold.offset !== this.#parts[at - 1]!.offset;
    });
    return this.#parts.splice(0, end < 0 ? this.#parts.length : end);
  }

  /** About. */
  get bytes(): number {
    let bytes = 0;
    for (const { user, record } of [...this.#parts, ...this.#later.values()]) bytes += bytesOf(user, record);
    return bytes;
  }
}
