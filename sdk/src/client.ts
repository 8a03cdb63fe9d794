import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";
import { Calls } from "./calls.js";
import { Connection, type Token } from "./connection.js";
import type { ConnectionState } from "./connection-state.js";
import { withIdempotencyKey } from "./idempotency-key.js";
import { createLeaderboard, type Leaderboard } from "./leaderboard.js";
import { LiveBoards } from "./live/live-boards.js";
import type { Store } from "./store.js";

export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";
export type { LeaderboardSeasonClosed } from "@grandstand/shared/events/leaderboard";
export type { Welcome } from "@grandstand/shared/frames";
export type { Board, ScoreOperator } from "@grandstand/shared/operations/leaderboard/boards";
export type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
export type { Entry, Ranking } from "@grandstand/shared/operations/leaderboard/entry";
export type { SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard/scores";
export type { Season } from "@grandstand/shared/operations/leaderboard/seasons";
export type { ImportReport, TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
export type { BoardWindow } from "@grandstand/shared/operations/leaderboard/windows";
export type { Profile, User } from "@grandstand/shared/user";
export type { Token } from "./connection.js";
export type { ConnectionState } from "./connection-state.js";
export { createGuestSession, type GuestSession } from "./guest-session.js";
export type { BoardRules, EntriesPage, Leaderboard, Score, ScoreInBatch } from "./leaderboard.js";
export type { BoardView } from "./live/board-view.js";
export type { LiveLeaderboardState } from "./live/leaderboard-state.js";
export type { LiveLeaderboard } from "./live/live-leaderboard.js";
export type { Store } from "./store.js";

export interface ClientOptions {
  /** The server's origin, as in `https://play.example.com`. The page's own when not given. */
  url?: string;
  /** A user's token, a session's or an API key, or a function that is asked for one at each connect. */
  token: Token;
  /** How long a call waits for its answer, in milliseconds. 10,000 when not given. */
  callTimeoutMs?: number;
}

export interface CallOptions {
  /** Instead of the client's `callTimeoutMs`. */
  timeoutMs?: number;
}

/** One user's or one server's connection to Grandstand, and everything that goes over it. */
export interface Client {
  readonly connection: Store<ConnectionState>;
  /**
   * Calls an operation by name. Without a connection the call waits for one; if the connection breaks before
   * the answer, it is sent again on the next. Writes carry an idempotency key, so they take effect once.
   * @throws {GrandstandError} the server's answer, or `unavailable` when none came in time.
   */
  call<N extends OperationName>(operation: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>;
  leaderboard(board: string): Leaderboard;
  readonly leaderboards: {
    /** The boards, by id, a page at a time. */
    list(page?: InputOf<"leaderboard.list">): Promise<OutputOf<"leaderboard.list">>;
  };
  /** Ends the connection and every call and live view. There is no way back. */
  close(): void;
}

const CALL_TIMEOUT_MS = 10_000;

/** Creates a client, which begins to connect at once. */
export function createClient(options: ClientOptions): Client {
  const { url = "", token, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const connection: Connection = new Connection(url, token, {
    onLive: () => {
      calls.resume();
      boards.onLive();
    },
    onLost: () => {
      // The boards first: that their requests were lost with the connection is no failure of theirs.
      boards.onLost();
      calls.suspend();
    },
    onEnd: (error) => {
      boards.end(error);
      calls.end(error);
    },
    onPush: (push) => boards.onPush(push),
  });
  const calls = new Calls(connection);
  const boards = new LiveBoards({
    get isLive() {
      return connection.isLive;
    },
    get userId() {
      return connection.get().welcome?.user?.id ?? null;
    },
    request: (operation, input, settle) =>
      calls.start(operation, input, { timeoutMs: callTimeoutMs, isResent: false }, settle),
    call: (operation, input) => call(operation, input),
  });

  const call: Client["call"] = (operation, input, own = {}) =>
    new Promise((resolve, reject) => {
      const terms = { timeoutMs: own.timeoutMs ?? callTimeoutMs, isResent: true };
      calls.start(operation, withIdempotencyKey(operation, input), terms, (outcome) => {
        // What the server answers is what the contract says: this is the one place that takes its word for it.
        if (outcome.ok) resolve(outcome.data as OutputOf<typeof operation>);
        else reject(outcome.error);
      });
    });

  connection.open();
  return {
    connection: { get: connection.get, subscribe: connection.subscribe },
    call,
    leaderboard: (board) => createLeaderboard(board, call, boards),
    leaderboards: { list: (page = {}) => call("leaderboard.list", page) },
    close: () => connection.close(),
  };
}
