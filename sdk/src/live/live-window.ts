import type { Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import {
  applyMe,
  applySeasonClosed,
  applyUpdated,
  type BoardContent,
  emptyContent,
  takeSnapshot,
} from "./board-content.js";
import { type WholeBoardView, widestView } from "./board-view.js";
import { Viewers } from "./viewers.js";

/** One view of a board that somebody listens to. */
export interface Viewer {
  readonly view: WholeBoardView;
  /** The window's state is another. */
  onChange(): void;
}

export interface WindowState {
  readonly status: "loading" | "live" | "stale" | "failed";
  readonly content: BoardContent;
  /** The view that `content` is of; null while there is none. */
  readonly shown: WholeBoardView | null;
  readonly error: GrandstandError | null;
}

const unread: WindowState = { status: "loading", content: emptyContent, shown: null, error: null };

/** A window of a board that is being watched: its viewers, and the state that all of them take their part of. */
export class LiveWindow {
  readonly #viewers: Viewers<Viewer>;
  #state = unread;

  /** @param onDemand is called when what is wanted of the window may be another */
  constructor(onDemand: () => void) {
    this.#viewers = new Viewers(() => {
      if (this.#viewers.all.length === 0) this.#state = unread;
      onDemand();
    });
  }

  get state(): WindowState {
    return this.#state;
  }

  /** As wide as its widest viewer needs; null when it has none. */
  get wanted(): WholeBoardView | null {
    return widestView(this.#viewers.all.map(({ view }) => view));
  }

  /** Whether one of its viewers has listeners. */
  get isListenedTo(): boolean {
    return this.#viewers.present.length > 0;
  }

  attach(viewer: Viewer): void {
    this.#viewers.attach(viewer);
  }

  /** The viewer has no listeners any more; it leaves unless it is attached again soon. */
  release(viewer: Viewer): void {
    this.#viewers.release(viewer);
  }

  /** The client is closed: what is shown stays, and nothing more comes. */
  end(error: GrandstandError): void {
    this.#viewers.end();
    this.#become({ ...this.#state, status: "failed", error });
  }

  /** The client is open again, perhaps as another user. */
  reopen(): void {
    this.#viewers.reopen();
    this.#become(unread);
  }

  /** This is the window now. */
  show(snapshot: LeaderboardSnapshot, view: WholeBoardView): void {
    const content = takeSnapshot(this.#state.content, snapshot);
    this.#become({ status: "live", content, shown: view, error: null });
  }

  /** @returns false when what was published doesn't fit what is known. */
  apply(publications: Publication[]): boolean {
    let content: BoardContent | null = this.#state.content;
    for (const publication of publications) {
      content = applied(content, publication);
      if (content === null) return false;
    }
    if (content !== this.#state.content) this.#become({ ...this.#state, content });
    return true;
  }

  /** What is shown may be old. @param error null when the server said nothing against it */
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
    case "leaderboard.season_closed":
      return applySeasonClosed(content, data as LeaderboardSeasonClosed);
    default:
      // An event of a newer server: what it adds is not shown here.
      return content;
  }
}
