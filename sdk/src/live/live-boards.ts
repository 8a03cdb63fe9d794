import type { Push } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import { type BoardWire, LiveBoard } from "./live-board.js";

const PREFIX = "leaderboard:";

/** The boards that a client watches, by id. */
export class LiveBoards {
  readonly #wire: BoardWire;
  readonly #boards = new Map<string, LiveBoard>();
  #ended: GrandstandError | null = null;

  constructor(wire: BoardWire) {
    this.#wire = wire;
  }

  get size(): number {
    return this.#boards.size;
  }

  find(board: string): LiveBoard | undefined {
    return this.#boards.get(board);
  }

  /** The watched board; it stays until its last viewer has left. */
  open(board: string): LiveBoard {
    const known = this.#boards.get(board);
    if (known) return known;
    const opened = new LiveBoard(board, this.#wire, (unused) => {
      if (this.#boards.get(board) === unused) this.#boards.delete(board);
    });
    this.#boards.set(board, opened);
    if (this.#ended) opened.end(this.#ended);
    return opened;
  }

  onLive(): void {
    for (const board of [...this.#boards.values()]) board.onLive();
  }

  onLost(): void {
    for (const board of [...this.#boards.values()]) board.onLost();
  }

  onPush(push: Push): void {
    if (!push.channel.startsWith(PREFIX)) return;
    this.#boards.get(push.channel.slice(PREFIX.length))?.subscription.onPush(push);
  }

  end(error: GrandstandError): void {
    this.#ended = error;
    for (const board of this.#boards.values()) board.end(error);
  }
}
