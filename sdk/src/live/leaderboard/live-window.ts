import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import { Viewers } from "../channel/viewers.js";
import { applyMe, applyProfile, applySeasonClosed, applyUpdated, takeSnapshot } from "./board-content.js";
import type { WholeBoardView } from "./board-view.js";
import { type BoardContent, emptyContent } from "./leaderboard-state.js";
import { widestView } from "./rankings.js";

/**
 * A live view: a store that shows one part of a board to its listeners. `view` says which part. A viewer is attached to a
 * `LiveWindow` when the viewer gets its first listener. The viewer is dropped one second after it loses its last listener.
 */
export interface Viewer {
  readonly view: WholeBoardView;
  /** Called when the window's state has changed. */
  onChange(): void;
}

export interface WindowState {
  readonly status: "loading" | "live" | "stale" | "failed";
  readonly content: BoardContent;
  /** The view that `content` belongs to; null before the first snapshot. */
  readonly shown: WholeBoardView | null;
  readonly error: GrandstandError | null;
}

const unread: WindowState = { status: "loading", content: emptyContent, shown: null, error: null };

/** One window of a board, such as `daily`, and its viewers: the live views that show parts of its state. */
export class LiveWindow {
  readonly #viewers: Viewers<Viewer>;
  #state = unread;

  /** @param onDemand called when `wanted` may have changed */
  constructor(onDemand: () => void) {
    this.#viewers = new Viewers(() => {
      if (this.#viewers.all.length === 0) this.#state = unread;
      onDemand();
    });
  }

  get state(): WindowState {
    return this.#state;
  }

  /** The narrowest view that covers the views of all viewers; null without viewers. */
  get wanted(): WholeBoardView | null {
    return widestView(this.#viewers.all.map(({ view }) => view));
  }

  /** Whether one of its viewers has listeners. */
  get isListenedTo(): boolean {
    return this.#viewers.attached.length > 0;
  }

  attach(viewer: Viewer): void {
    this.#viewers.attach(viewer);
  }

  /** The viewer lost its last listener. It is removed after a second, unless it is attached again. */
  release(viewer: Viewer): void {
    this.#viewers.release(viewer);
  }

  /** The client is closed. The content stays in the state, with the status `failed`. */
  end(error: GrandstandError): void {
    this.#viewers.end();
    this.#become({ ...this.#state, status: "failed", error });
  }

  /** The client is open again, perhaps for another user. */
  reopen(): void {
    this.#viewers.reopen();
    this.#become(unread);
  }

  /** Replaces the content. */
  show(snapshot: LeaderboardSnapshot, view: WholeBoardView): void {
    const content = takeSnapshot(this.#state.content, snapshot);
    this.#become({ status: "live", content, shown: view, error: null });
  }

  /** @returns false if the publications do not continue the content */
  apply(publications: Publication[]): boolean {
    let content: BoardContent | null = this.#state.content;
    for (const publication of publications) {
      content = applied(content, publication);
      if (content === null) return false;
    }
    if (content !== this.#state.content) this.#become({ ...this.#state, content });
    return true;
  }

  /** The content may be out of date. @param error the reason, if it is known */
  interrupt(error: GrandstandError | null): void {
    this.#become({ ...this.#state, status: this.#state.shown ? "stale" : "loading", error });
  }

  refuse(error: GrandstandError): void {
    this.#become({ ...this.#state, status: "failed", error });
  }

  #become(state: WindowState): void {
    this.#state = state;
    for (const viewer of this.#viewers.all) viewer.onChange();
  }
}

function applied(content: BoardContent, { event, data }: Publication): BoardContent | null {
  switch (event) {
    case "leaderboard.updated":
      return applyUpdated(content, data as LeaderboardUpdated);
    case "leaderboard.me":
      return applyMe(content, data as LeaderboardMe);
    case "profile.updated":
      return applyProfile(content, data as ProfileUpdated);
    case "leaderboard.season_closed":
      return applySeasonClosed(content, data as LeaderboardSeasonClosed);
    default:
      // A newer server may send events that this version does not know.
      return content;
  }
}
