import { setTimeout } from "node:timers/promises";
import type { OutputOf } from "@grandstand/shared/contract";
import type { Ack } from "@grandstand/shared/frames";
import { type Faulty, faultsFor, type OwnNodes } from "./faults.js";
import { HistoryRecorder, type RunFacts } from "./history.js";
import { Random } from "./random.js";
import { Reader } from "./reader.js";
import { persistenceOf, type RedisServer } from "./redis-servers.js";
import type { OpenSubscription } from "./transports.js";
import { Writer, type WriterClient } from "./writer.js";

export interface System {
  /** The description of the system for the report. */
  target: string;
  urls: string[];
  token: string;
  room: string;
  servers: RedisServer[];
  nodes: OwnNodes | null;
  /** The names of faults that can't affect the system. The run does not cause them. */
  withoutEffect?: string[];
  /** For each transport, by its name, the function with which a reader connects. */
  transports: Record<string, OpenSubscription>;
  /** How long the run waits, at its end, until every reader has received the last message. */
  catchUpLimitMs?: number;
  /** Opens the client with which a writer sends. */
  open: (url: string, token: string) => WriterClient;
}

export interface RunOptions {
  seconds: number;
  seed: number;
  /** The path of the file to which the history is written. */
  file: string;
  versions: Record<string, string>;
  /** On a slow machine, a run continues until it has this many messages and faults, for at most ten times `seconds`. */
  atLeast?: { acknowledged: number; faults: number };
  /** How long the run waits, at its end, for the replies to the writers' last messages. */
  replyLimitMs?: number;
  onFault?: (name: string, proof: string | null) => void;
}

const READERS_PER_TRANSPORT = 2;
const WRITERS = 4;
/** The time limit of each step before and after the faults, and of the wait for a live reader before each fault. */
const END_LIMIT_MS = 30_000;
const POLL_MS = 50;
const PAGE = 100;
const LOG_SIZE = 10_000;

/** Writes and reads a room while faults happen, and records all that clients see. @returns the SHA-256 of the history */
export async function run(system: System, options: RunOptions): Promise<string> {
  const { urls, token, room, servers, nodes, transports, open, target } = system;
  const random = new Random(options.seed + 1);
  const recorder = new HistoryRecorder(options.file);
  const { record } = recorder;
  const chooseUrl = () => random.of(urls);
  const readers: Reader[] = Object.keys(transports).flatMap((transport) =>
    Array.from(
      { length: READERS_PER_TRANSPORT },
      (_, at) =>
        new Reader({ name: `${transport} ${at + 1}`, transport, room, token, transports, chooseUrl, record }),
    ),
  );
  const facts: RunFacts = {
    startedAt: new Date().toISOString(),
    seed: options.seed,
    target,
    versions: options.versions,
    persistence: Object.fromEntries(
      await Promise.all(
        servers.map(async (server) => [server.address, await persistenceOf(server)] as const),
      ),
    ),
    readers: readers.map(({ name, transport }) => ({ name, transport })),
  };
  record({ kind: "run", at: performance.now(), facts });
  const client = () => open(chooseUrl(), token);
  const callOnce: WriterClient["call"] = async (operation, input) => {
    const opened = client();
    try {
      return await opened.call(operation, input);
    } finally {
      await opened.close();
    }
  };
  const writers = Array.from(
    { length: WRITERS },
    (_, at) =>
      new Writer({
        name: `w${at}`,
        room,
        open: async () => client(),
        pauseMs: () => random.between(5, 60),
        record,
      }),
  );
  try {
    await within(END_LIMIT_MS, async () =>
      okOf(await callOnce("chat.configure", { room, logSize: LOG_SIZE })),
    );
    for (const reader of readers) reader.open();
    await within(END_LIMIT_MS, () => demand(readers.every(({ isLive }) => isLive)));
    const writing = Promise.all(writers.map((writer) => writer.run()));
    const acknowledged = () => writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);
    // The faults have a random generator of their own, so that their order depends on the seed only.
    const ofFaults = new Random(options.seed);
    const { withoutEffect } = system;
    const faulty = { random: ofFaults, servers, readers, nodes, withoutEffect };
    await injectFaults(faulty, options, recorder, acknowledged);
    for (const writer of writers) writer.stop();
    await Promise.race([writing, setTimeout(options.replyLimitMs ?? END_LIMIT_MS, null, { ref: false })]);
    const log = await within(END_LIMIT_MS, () => logOf(callOnce, room));
    const last = log.messages.at(-1)?.offset ?? 0;
    const caughtUp = () =>
      demand(readers.every(({ position }) => position?.epoch === log.epoch && position.offset === last));
    await within(system.catchUpLimitMs ?? END_LIMIT_MS, caughtUp).catch(() => {});
    record({ kind: "log", at: performance.now(), ...log });
  } finally {
    for (const writer of writers) writer.stop();
    for (const reader of readers) reader.close();
  }
  return recorder.end();
}

/**
 * Causes all faults in a random order, and repeats this with a new order until the time is over. During the pause after a
 * fault the system can recover.
 */
async function injectFaults(
  system: Faulty,
  { seconds, onFault, atLeast = { acknowledged: 0, faults: 1 } }: RunOptions,
  { record }: HistoryRecorder,
  acknowledged: () => number,
): Promise<void> {
  const { random } = system;
  const faults = faultsFor(system);
  const startedAt = performance.now();
  const isOver = () => {
    const elapsedS = (performance.now() - startedAt) / 1_000;
    const isEnough = count >= atLeast.faults && acknowledged() >= atLeast.acknowledged;
    return elapsedS > (isEnough ? 1 : 10) * seconds;
  };
  let count = 0;
  let bag: string[] = [];
  for (;;) {
    await setTimeout(random.between(300, 1_500));
    if (isOver()) return;
    await within(END_LIMIT_MS, () => demand(system.readers.some(({ isLive }) => isLive))).catch(() => {});
    if (bag.length === 0) bag = [...faults.keys()];
    const name = random.of(bag);
    bag.splice(bag.indexOf(name), 1);
    const at = performance.now();
    const proof = await faults.get(name)!(system).catch(() => null);
    count += 1;
    record({ kind: "fault", name, at, endedAt: performance.now(), proof });
    onFault?.(name, proof);
  }
}

type History = OutputOf<"chat.history">;

async function logOf(call: WriterClient["call"], room: string) {
  const messages: { offset: number; id: string; text: string }[] = [];
  for (let after = 0; ; ) {
    const page = okOf<History>(await call("chat.history", { room, after, limit: PAGE }));
    messages.push(...page.messages.map(({ offset, id, text }) => ({ offset, id, text: text ?? "" })));
    if (!page.hasMore) return { epoch: page.position?.epoch ?? "", messages };
    after = messages.at(-1)!.offset;
  }
}

function okOf<T = unknown>(ack: Ack): T {
  if (!ack.ok) throw new Error(`${ack.error.code}: ${ack.error.message}`);
  return ack.data as T;
}

function demand(claim: boolean): void {
  if (!claim) throw new Error("not all readers could follow the room");
}

/** Repeats an attempt until it succeeds. @throws the error of the last attempt after `limitMs` */
async function within<T>(limitMs: number, attempt: () => T | Promise<T>): Promise<T> {
  const until = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await setTimeout(POLL_MS);
  }
}
