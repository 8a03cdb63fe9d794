import { appendFile } from "node:fs/promises";
import type { OutputOf } from "@grandstand/shared/contract";
import { expect } from "vitest";
import { accountOf } from "../../../src/verify/account.js";
import { Reader } from "../../../src/verify/reader.js";
import { transports } from "../../../src/verify/transports.js";
import { Writer } from "../../../src/verify/writer.js";
import { restDriver } from "../drivers/rest-driver.js";
import { eventually } from "../eventually.js";
import { TEST_API_KEY } from "../names.js";
import type { NodeProcess } from "../node-process.js";
import { FaultObserver, type Seen } from "./observer.js";

/** One row of the table in docs/reliability.md. */
export interface FaultResult extends Seen {
  fault: string;
  acknowledged: number;
  /** The number of messages that were acknowledged but are not in the room at the end. */
  lost: number;
  duplicated: number;
  reordered: number;
  /**
   * The number of acknowledged messages that readers missed without a notice that messages are missing. A message that
   * two readers missed counts twice.
   */
  unflagged: number;
  /** Why messages are missing, as the nodes told the readers; each reason once. */
  reasons: string[];
  /** The number of reconnects of all readers. */
  reconnects: number;
  /** The time from the end of the fault until all readers had received a message that was sent after it. */
  healMs: number;
}

/** The room of the chat. */
export const FAULT_ROOM = "room";
const PAGE = 100;

/**
 * Runs a chat over two nodes through one fault, and accounts for every message. The fields of `Seen` in the result describe
 * only the first node.
 * @param fault injects the fault, and returns when it has ended
 */
export async function runFault(
  name: string,
  nodes: NodeProcess[],
  fault: () => Promise<void>,
): Promise<FaultResult> {
  let turn = 0;
  const chooseUrl = () => nodes[turn++ % nodes.length]!.url;
  const server = () => restDriver.open(chooseUrl(), TEST_API_KEY);
  await (await server()).call("chat.configure", { room: FAULT_ROOM, logSize: 10_000 });
  const readers = Object.keys(transports).flatMap((transport) =>
    [1, 2].map(
      (at) =>
        new Reader({
          name: `${transport} ${at}`,
          transport,
          room: FAULT_ROOM,
          token: TEST_API_KEY,
          chooseUrl,
        }),
    ),
  );
  const writers = [0, 1, 2, 3].map(
    (at) => new Writer({ name: `w${at}`, room: FAULT_ROOM, open: server, pauseMs: () => 30 }),
  );
  const acknowledged = () => writers.flatMap((writer) => writer.acknowledged);
  try {
    for (const reader of readers) reader.open();
    await eventually(() => expect(readers.every(({ isLive }) => isLive)).toBe(true));
    const writing = Promise.all(writers.map((writer) => writer.run()));
    await eventually(() => expect(acknowledged().length).toBeGreaterThan(100));
    const observer = new FaultObserver(nodes[0]!);
    await fault();
    const endedAt = performance.now();
    const isHealed = () =>
      acknowledged().some(
        ({ sentAt, message }) =>
          sentAt > endedAt && readers.every((reader) => reader.arrivedAt.has(message.id)),
      );
    await eventually(() => expect(isHealed()).toBe(true));
    for (const { url } of nodes) {
      await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200));
    }
    for (const writer of writers) writer.stop();
    await writing;
    const log = await eventually(logOf(server));
    await eventually(() => {
      for (const reader of readers) expect(reader.position).toEqual(log.position);
    });
    const account = accountOf(readers, acknowledged(), [{ name, startedAt: endedAt }]);
    const result: FaultResult = {
      fault: name,
      acknowledged: account.acknowledged,
      lost: acknowledged().filter(({ message }) => !log.ids.has(message.id)).length,
      duplicated: account.duplicated.length,
      reordered: account.reordered.length,
      unflagged: account.unflagged.length,
      reasons: [...new Set(readers.flatMap(({ reportedGaps }) => reportedGaps.map(({ reason }) => reason)))],
      reconnects: readers.reduce((sum, { connects }) => sum + connects - 1, 0),
      healMs: Math.round(account.healTimesMs[0] ?? Number.NaN),
      ...(await observer.end()),
    };
    const file = process.env.GRANDSTAND_TEST_FAULTS_FILE;
    if (file !== undefined) await appendFile(file, `${JSON.stringify(result)}\n`);
    expect([account.unflagged, account.duplicated, account.reordered]).toEqual([[], [], []]);
    expect(writers.flatMap(({ faults }) => faults)).toEqual([]);
    return result;
  } finally {
    for (const writer of writers) writer.stop();
    for (const reader of readers) reader.close();
  }
}

/** Reads the whole room. */
function logOf(server: () => ReturnType<typeof restDriver.open>) {
  return async () => {
    const ids = new Set<string>();
    for (let after = 0; ; ) {
      const ack = await (await server()).call("chat.history", { room: FAULT_ROOM, after, limit: PAGE });
      const { messages, hasMore, position } = (ack as { data: OutputOf<"chat.history"> }).data;
      for (const { id } of messages) ids.add(id);
      if (!hasMore) return { ids, position };
      after = messages.at(-1)!.offset;
    }
  };
}
