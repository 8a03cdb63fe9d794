import type { Position } from "@grandstand/shared/channels";
import { mayReconnect } from "@grandstand/shared/close-codes";
import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";
import type { ChannelEnded, ChannelResync } from "@grandstand/shared/events/channel";
import type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  ChatSnapshot,
  ChatTyping,
} from "@grandstand/shared/events/chat";
import type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
import type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
import type {
  PresenceCount,
  PresenceDigest,
  PresenceLeft,
  PresenceMember,
  PresenceSnapshot,
} from "@grandstand/shared/events/presence";
import type { UserEntered, UserLeft, UserNotice, UserSnapshot } from "@grandstand/shared/events/user";
import { Backoff } from "./backoff.js";
import { checkOptions, endpointOf, wrongOption } from "./http-options.js";
import { errorOf } from "./problem.js";
import { readEvents, type StreamEvent } from "./sse-stream.js";

export type { Position } from "@grandstand/shared/channels";
export { type ErrorCode, GrandstandError, type Issue } from "@grandstand/shared/errors";
export type { ChannelEnded, ChannelResync } from "@grandstand/shared/events/channel";
export type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  ChatSnapshot,
  ChatTyping,
} from "@grandstand/shared/events/chat";
export type { CounterSnapshot, CounterThreshold, CounterUpdated } from "@grandstand/shared/events/counter";
export type {
  LeaderboardMe,
  LeaderboardSeasonClosed,
  LeaderboardSnapshot,
  LeaderboardUpdated,
} from "@grandstand/shared/events/leaderboard";
export type {
  PresenceCount,
  PresenceDigest,
  PresenceLeft,
  PresenceMember,
  PresenceSnapshot,
} from "@grandstand/shared/events/presence";
export type { UserEntered, UserLeft, UserNotice, UserSnapshot } from "@grandstand/shared/events/user";

/** The state with which a channel begins, and begins again where it could not be resumed. */
export interface Subscribed<Snapshot = unknown> {
  channel: string;
  position: Position;
  /** Whether the stream goes on exactly where it was. There is no snapshot then. */
  recovered: boolean;
  snapshot?: Snapshot;
}

/** What the server sends as `subscribed`. What was missed is handed on as events of its own. */
interface Resumed {
  publications?: { event: string; data: unknown }[];
}

/** What each event carries. */
export interface ChannelEvents {
  subscribed: Subscribed<
    LeaderboardSnapshot | CounterSnapshot | ChatSnapshot | PresenceSnapshot | UserSnapshot
  >;
  "leaderboard.updated": LeaderboardUpdated;
  "leaderboard.me": LeaderboardMe;
  "leaderboard.season_closed": LeaderboardSeasonClosed;
  "counter.updated": CounterUpdated;
  "counter.threshold": CounterThreshold;
  "chat.message": ChatMessage;
  "chat.edited": ChatEdited;
  "chat.deleted": ChatDeleted;
  "chat.reacted": ChatReacted;
  "chat.typing": ChatTyping;
  "presence.joined": PresenceMember;
  "presence.left": PresenceLeft;
  "presence.updated": PresenceMember;
  "presence.digest": PresenceDigest;
  "presence.count": PresenceCount;
  "user.entered": UserEntered;
  "user.left": UserLeft;
  "user.notice": UserNotice;
  /** What was missed can't be had: the stream begins again, with `subscribed`. */
  "channel.resync": ChannelResync;
  "channel.ended": ChannelEnded;
}

/** One event of one channel; `event` tells what `data` is. */
export type ChannelEvent = {
  [E in keyof ChannelEvents]: { channel: string; event: E; data: ChannelEvents[E] };
}[keyof ChannelEvents];

/** `closed`: the server refuses the channel, or it is gone. All other losses are repaired. */
export type StreamStatus = "connecting" | "live" | "offline" | "closed";

export interface FollowOptions {
  /** The server's address, as in `https://play.example.com`. */
  url: string;
  /** A token, or a function that gives one at each attempt. Left out, the session's cookie is sent. */
  token?: string | (() => string | Promise<string>);
  /** The channels to follow, such as `leaderboard:arcade`, each with what part of it to watch. */
  channels: readonly (string | ChannelChoice)[];
  onEvent: (event: ChannelEvent) => void;
  onStatus?: (channel: string, status: StreamStatus, error: GrandstandError | null) => void;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch;
}

export interface ChannelChoice {
  channel: string;
  view?: Readonly<Record<string, string | number | boolean>>;
}

/** A node sends something every 15 s: a stream that is silent for longer is dead. */
const SILENCE_MS = 40_000;

/**
 * Follows channels over server-sent events, read-only and without a socket, until the function that it returns is
 * called. A stream that breaks is opened again and resumed where it was: a room's messages have no gap and no repeat.
 * @throws {GrandstandError} `bad_request` naming the option that is missing, unknown or wrong
 */
export function follow(options: FollowOptions): () => void {
  checkOptions(options, ["url", "token", "channels", "onEvent", "onStatus", "fetch"]);
  const endpoint = endpointOf(options.url);
  if (!Array.isArray(options.channels)) throw wrongOption("channels", "must be a list of channels");
  if (options.token === "") throw wrongOption("token", "must not be empty");
  const controller = new AbortController();
  for (const choice of options.channels as FollowOptions["channels"]) {
    const { channel, view = {} } = typeof choice === "string" ? { channel: choice } : choice;
    const query = new URLSearchParams(Object.entries(view).map(([name, value]) => [name, String(value)]));
    const url = `${endpoint}/channels/${encodeURIComponent(channel)}/events?${query}`;
    void followOne(options, channel, url, controller.signal);
  }
  return () => controller.abort();
}

async function followOne(
  { token, onEvent, onStatus, fetch: send = fetch }: FollowOptions,
  channel: string,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff();
  let lastEventId: string | undefined;
  let wasRefused = false;
  let retryMs = 0;
  const tell = (status: StreamStatus, error: GrandstandError | null = null) => {
    if (!signal.aborted) onStatus?.(channel, status, error);
  };

  const onStreamEvent = ({ event, data, id }: StreamEvent): void => {
    if (id !== undefined) lastEventId = id;
    if (event === "closing") {
      const { code, reason } = data as { code: number; reason: string };
      if (!mayReconnect(code)) throw new Refusal(new GrandstandError("forbidden", reason));
      return;
    }
    if (event === "expiring") return;
    const { publications = [], ...rest } = data as Resumed;
    onEvent({ channel, event, data: event === "subscribed" ? rest : data } as ChannelEvent);
    if (event === "subscribed") {
      for (const { event, data } of publications) onEvent({ channel, event, data } as ChannelEvent);
    }
    if (event === "channel.ended") {
      const { code, message } = data as ChannelEnded;
      throw new Refusal(new GrandstandError(code as ErrorCode, message));
    }
    if (event === "channel.resync") {
      lastEventId = undefined;
      throw new GrandstandError("unavailable", "The channel has to begin again");
    }
  };

  const readOnce = async (): Promise<void> => {
    const alive = new AbortController();
    const end = () => alive.abort();
    signal.addEventListener("abort", end);
    let timer = setTimeout(end, SILENCE_MS);
    try {
      const secret = typeof token === "function" ? await token() : token;
      const response = await send(url, {
        signal: alive.signal,
        ...(secret === undefined && { credentials: "include" as const }),
        headers: {
          accept: "text/event-stream",
          ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
          ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
        },
      });
      if (!response.ok) throw await refusalOf(response);
      tell("live");
      backoff.reset();
      wasRefused = false;
      retryMs = 0;
      await readEvents(response.body!, {
        onChunk: () => {
          clearTimeout(timer);
          timer = setTimeout(end, SILENCE_MS);
        },
        onEvent: onStreamEvent,
        onRetry: (ms) => {
          retryMs = ms;
        },
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      end();
    }
  };

  /** A token from a function may only have been old: it is asked once more before the stream is given up. */
  const refusalOf = async (response: Response): Promise<Error> => {
    const error = await errorOf(response);
    if (error.code === "rate_limited" || error.code === "unavailable" || error.code === "internal")
      return error;
    const isFirst = error.code === "unauthenticated" && typeof token === "function" && !wasRefused;
    wasRefused = true;
    return isFirst ? error : new Refusal(error);
  };

  tell("connecting");
  while (!signal.aborted) {
    let error: GrandstandError | null = null;
    try {
      await readOnce();
    } catch (cause) {
      if (cause instanceof Refusal) return tell("closed", cause.error);
      error =
        cause instanceof GrandstandError
          ? cause
          : new GrandstandError("unavailable", "The stream was lost", { cause });
    }
    tell("offline", error);
    await pause(Math.max(retryMs, error?.retryAfterMs ?? 0, backoff.nextMs()), signal);
  }
}

/** An error that ends a stream for good. */
class Refusal extends Error {
  constructor(readonly error: GrandstandError) {
    super(error.message);
  }
}

/** Ends early when `signal` does. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}
