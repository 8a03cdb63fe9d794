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

/** How long a view without listeners is kept: longer than a page needs to mount anew what it unmounted. */
const LINGER_MS = 1_000;

/** A window of a board that is being watched: its viewers, and the state that all of them take their part of. */
export class LiveWindow {
  readonly #onDemand: () => void;
  readonly #viewers = new Set<Viewer>();
  readonly #lingering = new Map<Viewer, ReturnType<typeof setTimeout>>();
  #state = unread;
  #isOver = false;

  /** @param onDemand is called when what is wanted of the window may be another */
  constructor(onDemand: () => void) {
    this.#onDemand = onDemand;
  }

  get state(): WindowState {
    return this.#state;
  }

  /** As wide as its widest viewer needs; null when it has none. */
  get wanted(): WholeBoardView | null {
    return widestView([...this.#viewers].map(({ view }) => view));
  }

  /** Whether one of its viewers has listeners. */
  get isListenedTo(): boolean {
    return this.#viewers.size > this.#lingering.size;
  }

  attach(viewer: Viewer): void {
    clearTimeout(this.#lingering.get(viewer));
    this.#lingering.delete(viewer);
    this.#viewers.add(viewer);
    this.#onDemand();
  }

  /** The viewer has no listeners any more; it leaves unless it is attached again soon. */
  release(viewer: Viewer): void {
    if (this.#isOver || this.#lingering.has(viewer)) return;
    const leave = () => {
      this.#lingering.delete(viewer);
      this.#viewers.delete(viewer);
      if (this.#viewers.size === 0) this.#state = unread;
      this.#onDemand();
    };
    this.#lingering.set(viewer, setTimeout(leave, LINGER_MS));
  }

  /** The client is closed: what is shown stays, and nothing more comes. */
  end(error: GrandstandError): void {
    this.#isOver = true;
    for (const timer of this.#lingering.values()) clearTimeout(timer);
    this.#lingering.clear();
    this.#become({ ...this.#state, status: "failed", error });
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
    for (const viewer of [...this.#viewers]) viewer.onChange();
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
