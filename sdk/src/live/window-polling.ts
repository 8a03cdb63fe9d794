import { errorTable, type GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSnapshot } from "@grandstand/shared/events/leaderboard";
import type { WholeBoardView } from "./board-view.js";
import { isSameView } from "./channel-subscription.js";
import type { LiveWindow } from "./live-window.js";
import { readWindow, type WindowReader } from "./window-reader.js";

/** From the answer to one reading to the next. */
const POLL_MS = 1_000;

/** Keeps a window right that has no subscription, by reading it once a second. */
export class WindowPolling {
  readonly #board: string;
  readonly #reader: WindowReader;
  readonly #window: LiveWindow;
  #wanted: WholeBoardView | null = null;
  #last: LeaderboardSnapshot | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The round's number: what an earlier one reads is void. */
  #round = 0;

  constructor(board: string, reader: WindowReader, window: LiveWindow) {
    this.#board = board;
    this.#reader = reader;
    this.#window = window;
  }

  /** States what part of the window is to be read; null for nothing. */
  want(view: WholeBoardView | null): void {
    if (isSameView(this.#wanted, view)) return;
    this.#wanted = view;
    this.#last = null;
    this.#stop();
    if (view && this.#reader.isLive) void this.#poll(view);
  }

  /** Reads at once, also what the server refused before. */
  onLive(): void {
    this.#stop();
    if (this.#wanted) void this.#poll(this.#wanted);
  }

  onLost(): void {
    this.#stop();
    if (this.#wanted) this.#window.interrupt(null);
  }

  #stop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
  }

  async #poll(view: WholeBoardView): Promise<void> {
    const round = this.#round;
    try {
      const snapshot = await readWindow(this.#reader, this.#board, view, this.#last);
      if (round !== this.#round) return;
      this.#last = snapshot;
      this.#window.show(snapshot, view);
      this.#pollIn(POLL_MS, view);
    } catch (error) {
      // The call's promise rejects with nothing else.
      if (round === this.#round) this.#onError(error as GrandstandError, view);
    }
  }

  #onError(error: GrandstandError, view: WholeBoardView): void {
    if (errorTable[error.code]?.retry) {
      this.#window.interrupt(error);
      this.#pollIn(Math.max(POLL_MS, error.retryAfterMs ?? 0), view);
    } else this.#window.refuse(error);
  }

  #pollIn(delayMs: number, view: WholeBoardView): void {
    this.#timer = setTimeout(() => void this.#poll(view), delayMs);
  }
}
