import type { InputOf } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { LeaderboardSnapshot } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { User } from "@grandstand/shared/user";
import type { CallOperation } from "../../call-operation.js";
import { isSameView } from "../channel/channel-view.js";
import { Polling } from "../channel/polling.js";
import type { WholeBoardView } from "./board-view.js";
import type { LiveWindow } from "./live-window.js";

/** What `WindowPolling` needs of the client. */
export interface WindowReader {
  readonly isLive: boolean;
  readonly call: CallOperation;
  /** The client's user; null for a caller that is not a user. */
  readonly me: User | null;
}

const POLL_MS = 1_000;

/**
 * Reads one window of a board once a second. A window is a recurring period, such as `daily`. LiveBoard polls the windows
 * to which it has no subscription.
 */
export class WindowPolling {
  readonly #polling: Polling<LeaderboardSnapshot>;
  #wanted: WholeBoardView | null = null;
  #last: LeaderboardSnapshot | null = null;

  constructor(board: string, reader: WindowReader, window: LiveWindow) {
    this.#polling = new Polling(reader, POLL_MS, {
      read: () => readWindow(reader, board, this.#wanted!, this.#last),
      onRead: (snapshot) => {
        this.#last = snapshot;
        window.show(snapshot, this.#wanted!);
      },
      onInterrupted: (error) => window.interrupt(error),
      onRefused: (error) => window.refuse(error),
    });
  }

  /** Sets the part of the window to read; null stops the polling. */
  want(view: WholeBoardView | null): void {
    if (isSameView(this.#wanted, view)) return;
    this.#wanted = view;
    this.#last = null;
    if (view) this.#polling.start();
    else this.#polling.stop();
  }

  /** Reads immediately, even if the server refused the last read. */
  readNow(): void {
    this.#polling.readNow();
  }

  onLost(): void {
    this.#polling.onLost();
  }
}

/**
 * Reads the same snapshot that a subscription would get, with several calls.
 * @param last the previous snapshot. While the season is the same, its end is taken from `last`.
 */
async function readWindow(
  reader: WindowReader,
  board: string,
  { window, where, top, me }: WholeBoardView,
  last: LeaderboardSnapshot | null,
): Promise<LeaderboardSnapshot> {
  const [{ entries, total, season }, own] = await Promise.all([
    reader.call("leaderboard.entries", { board, window, where, limit: top }),
    me ? readOwn(reader, { board, window, where }) : undefined,
  ]);
  const seasonEndsAt =
    last?.season === season ? last.seasonEndsAt : await readSeasonEnd(reader, board, window, season);
  return { entries, total, season, seasonEndsAt, ...(own !== undefined && { me: own }) };
}

async function readOwn(
  { call, me: user }: WindowReader,
  choice: Omit<InputOf<"leaderboard.entry">, "member">,
): Promise<Entry | null> {
  if (user === null) {
    throw new GrandstandError("bad_request", "Only a user has an entry of its own to watch");
  }
  try {
    return await call("leaderboard.entry", { ...choice, member: user.id });
  } catch (error) {
    if (error instanceof GrandstandError && error.code === "not_found") return null;
    throw error;
  }
}

async function readSeasonEnd(
  { call }: WindowReader,
  board: string,
  window: string | undefined,
  season: string,
): Promise<string | null> {
  const { seasons } = await call("leaderboard.seasons", { board, window });
  const name = window ?? (await readFirstWindow(call, board));
  return seasons.find((one) => one.window === name && one.season === season)?.endsAt ?? null;
}

async function readFirstWindow(call: CallOperation, board: string): Promise<string | undefined> {
  const [first] = (await call("leaderboard.get", { board })).windows;
  return typeof first === "object" ? first.name : first;
}
