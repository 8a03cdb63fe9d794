import type { Position, Push } from "@grandstand/shared/channels";
import type { Ack } from "@grandstand/shared/frames";

import { eventually } from "../eventually.js";
import type { LiveDriver } from "./driver.js";
import { queryOf } from "./query.js";

/** One server-sent event. */
export interface ServerSentEvent {
  id: string | null;
  event: string;
  data: unknown;
}

export interface EventStream {
  response: Response;
  /** The events that have arrived so far. A comment counts as an event with the name ":". */
  events: ServerSentEvent[];
  close(): Promise<void>;
}

/** @param path the path after `/v1/channels/` */
export function openEventStream(
  url: string,
  token: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  return openEvents(url, token, `channels/${path}`, headers);
}

/** @param path the path after `/v1/` */
export async function openEvents(
  url: string,
  token: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/${path}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: abort.signal,
  });
  const events: ServerSentEvent[] = [];
  if (!response.ok) return { response, events, close: async () => {} };
  const reading = read(response, events);
  return {
    response,
    events,
    close: async () => {
      abort.abort();
      await reading;
    },
  };
}

async function read(response: Response, events: ServerSentEvent[]): Promise<void> {
  let text = "";
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split("\n\n");
      text = blocks.pop()!;
      events.push(...blocks.map(parse));
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
}

function parse(block: string): ServerSentEvent {
  if (block.startsWith(":")) return { id: null, event: ":", data: null };
  const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]));
  return { id: fields.get("id") ?? null, event: fields.get("event")!, data: JSON.parse(fields.get("data")!) };
}

export const sseDriver: LiveDriver = {
  name: "SSE",
  async follow(url, token, { channel, view = {}, since }) {
    const query = queryOf(view);
    const stream = await openEventStream(url, token, `${encodeURIComponent(channel)}/events?${query}`, {
      ...(since && { "last-event-id": eventIdOf(since) }),
    });
    if (!stream.response.ok) {
      const { code, detail, issues } = await stream.response.json();
      return {
        reply: { ok: false, error: { code, message: detail, issues } },
        pushes: [],
        close: stream.close,
      };
    }
    await eventually(() => stream.events.length > 0 || Promise.reject(new Error("no event yet")));
    const [subscribed] = stream.events.splice(0, 1);
    return {
      reply: { ok: true, data: subscribed!.data } as Ack,
      // Each event with an id becomes a push of its own, with one publication.
      get pushes() {
        return stream.events.filter(({ id }) => id !== null).map((event) => pushOf(channel, event));
      },
      get ephemeral() {
        return stream.events
          .filter(({ id, event }) => id === null && event !== ":")
          .map(({ event, data }) => ({ event, data }));
      },
      close: stream.close,
    };
  },
};

function eventIdOf({ epoch, offset, id }: Position): string {
  return [epoch, offset, ...(id === undefined ? [] : [id])].join(":");
}

function pushOf(channel: string, { id, event, data }: ServerSentEvent): Push {
  const [epoch, offset] = id!.split(":") as [string, string];
  return { channel, epoch, publications: [{ offset: Number(offset), event, data }] };
}
