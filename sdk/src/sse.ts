import type { Position } from "@grandstand/shared/channels";
import { mayReconnect } from "@grandstand/shared/close-codes";
import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";
import type { ChannelEnded, ChannelResync } from "@grandstand/shared/events/channel";
import { Backoff } from "./backoff.js";
import type { ChannelKinds } from "./channel-kinds.js";
import { checkOptions, endpointOf, wrongOption } from "./http-options.js";
import { pause } from "./pause.js";
import { errorOf } from "./problem.js";
import { queryText } from "./query-text.js";
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

/** The data of `subscribed`, the first event of a channel on each connection. */
export interface Subscribed<Snapshot = unknown> {
  channel: string;
  position: Position;
  /** Whether the stream continues from its last position without a gap. If so, there is no `snapshot`. */
  recovered: boolean;
  snapshot?: Snapshot;
}

/**
 * What the server adds to `subscribed` after a recovery. The app receives these publications as separate
 * events.
 */
interface Resumed {
  publications?: { event: string; data: unknown }[];
}

/** The type of `data` for each name of an event. */
export type ChannelEvents = ChannelKinds["leaderboard"]["events"] &
  ChannelKinds["counter"]["events"] &
  ChannelKinds["chat"]["events"] &
  ChannelKinds["presence"]["events"] &
  ChannelKinds["user"]["events"] & {
    subscribed: Subscribed<ChannelKinds[keyof ChannelKinds]["snapshot"]>;
    /** Publications were lost. The stream reconnects, and begins with `subscribed` and a snapshot. */
    "channel.resync": ChannelResync;
    "channel.ended": ChannelEnded;
  };

/** One event of one channel. The name in `event` determines the type of `data`. */
export type ChannelEvent = {
  [E in keyof ChannelEvents]: { channel: string; event: E; data: ChannelEvents[E] };
}[keyof ChannelEvents];

/**
 * `offline`: the stream was lost and is being opened again. `closed`: the server refuses the channel, or the
 * channel has ended; the stream is not opened again.
 */
export type StreamStatus = "connecting" | "live" | "offline" | "closed";

export interface FollowOptions {
  /** The address of the server, such as `https://play.example.com`. */
  url: string;
  /**
   * A token, or a function that returns a token for each attempt to connect. Without it, the session cookie
   * is sent.
   */
  token?: string | (() => string | Promise<string>);
  /**
   * The channels to follow, such as `"chat:lobby"`, or `{ channel: "leaderboard:arcade", view: { top: 3 } }`.
   */
  channels: readonly (string | ChannelChoice)[];
  onEvent: (event: ChannelEvent) => void;
  onStatus?: (channel: string, status: StreamStatus, error: GrandstandError | null) => void;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch;
}

export interface ChannelChoice {
  channel: string;
  view?: Readonly<Record<string, string | number | boolean | object>>;
}

/** A stream that receives nothing for this long counts as lost, because a node sends something every 15 s. */
const SILENCE_MS = 40_000;

/**
 * Follows channels over server-sent events, without a socket. A lost stream is opened again. The stream of a chat room
 * then continues from its last position, without a gap or a repeat. If the room's log no longer has that position, the
 * stream begins again with a snapshot.
 * @returns a function that ends all streams
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
    const query = new URLSearchParams(Object.entries(view).map(([name, value]) => [name, queryText(value)]));
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
  const report = (status: StreamStatus, error: GrandstandError | null = null) => {
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
      report("live");
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

  /**
   * The error of a refused attempt. A `Refusal` closes the stream; after any other error the stream is opened again. If
   * `token` is a function, the first `unauthenticated` does not close the stream, because the function's last token may
   * have expired.
   */
  const refusalOf = async (response: Response): Promise<Error> => {
    const error = await errorOf(response);
    if (error.code === "rate_limited" || error.code === "unavailable" || error.code === "internal")
      return error;
    const isFirst = error.code === "unauthenticated" && typeof token === "function" && !wasRefused;
    wasRefused = true;
    return isFirst ? error : new Refusal(error);
  };

  report("connecting");
  while (!signal.aborted) {
    let error: GrandstandError | null = null;
    try {
      await readOnce();
    } catch (cause) {
      if (cause instanceof Refusal) return report("closed", cause.error);
      error =
        cause instanceof GrandstandError
          ? cause
          : new GrandstandError("unavailable", "The stream was lost", { cause });
    }
    report("offline", error);
    await pause(Math.max(retryMs, error?.retryAfterMs ?? 0, backoff.nextMs()), signal).catch(() => {});
  }
}

/** An error after which the stream is closed and not opened again. */
class Refusal extends Error {
  constructor(readonly error: GrandstandError) {
    super(error.message);
  }
}
