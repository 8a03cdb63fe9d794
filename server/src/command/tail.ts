import type { Position, Publication } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import { type ApiAddress, ApiSession } from "./api-session.js";

export interface TailOptions {
  isJson: boolean;
  /** Ends after this many publications; null follows the channel until SIGINT or SIGTERM. */
  count: number | null;
}

/** Prints the publications of a channel, and continues after a lost connection. */
export async function tail(
  address: ApiAddress,
  channel: string,
  { isJson, count }: TailOptions,
): Promise<void> {
  let position: Position | undefined;
  let printed = 0;
  let finish = () => {};
  let fail = (_error: unknown) => {};
  const isOver = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const print = (epoch: string, { offset, event, data }: Publication) => {
    const text = isJson
      ? JSON.stringify({ channel, epoch, offset, event, data })
      : `${offset} ${event} ${JSON.stringify(data)}`;
    console.log(text);
  };
  const take = (epoch: string, publications: Publication[]) => {
    for (const publication of publications) {
      if (count !== null && printed === count) break;
      print(epoch, publication);
      printed += 1;
      // In a chat, a position also has the id of the item at its offset.
      const { id } = publication.data as { id?: string };
      position = {
        epoch,
        offset: publication.offset,
        ...(id !== undefined && channel.startsWith("chat:") && { id }),
      };
    }
    if (printed === count) finish();
  };
  const session = new ApiSession(address, {
    onPush: ({ epoch, publications }) => {
      if (publications.some(({ event }) => event === "channel.resync")) void follow();
      else take(epoch, publications);
    },
    onLost: () => void follow(),
  });
  const follow = async () => {
    try {
      const reply = await session.call("channel.subscribe", {
        channel,
        ...(position && { since: position }),
      });
      const isFirst = position === undefined;
      position = reply.position;
      if (reply.recovered) take(reply.position.epoch, reply.publications ?? []);
      else {
        const gap = isFirst ? "" : ` after a gap (${reply.reason})`;
        console.error(`Following ${channel} from ${reply.position.offset}${gap}`);
      }
    } catch (error) {
      const isOutage = error instanceof GrandstandError && error.code === "unavailable";
      if (isOutage && position !== undefined && !session.isClosed) void follow();
      else fail(error);
    }
  };
  process.once("SIGINT", () => finish());
  process.once("SIGTERM", () => finish());
  try {
    void follow();
    await isOver;
  } finally {
    session.close();
  }
}
