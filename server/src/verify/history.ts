import { createHash } from "node:crypto";
import { createWriteStream, type WriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Publication } from "@grandstand/shared/channels";
import type { ErrorCode } from "@grandstand/shared/errors";
import type { Subscribed } from "./reader-state.js";

/** The settings and versions of a run. */
export interface RunFacts {
  startedAt: string;
  seed: number;
  /** The description of the verified system, for the report. */
  target: string;
  versions: Record<string, string>;
  /** The persistence settings of each Redis server, by its address. */
  persistence: Record<string, Record<string, string>>;
  readers: { name: string; transport: string }[];
}

/** A fault with the proof of its effect; `proof` is null when no effect was observed. Times are in ms by a monotonic clock. */
export interface FaultEvent {
  kind: "fault";
  name: string;
  at: number;
  endedAt: number;
  proof: string | null;
}

/** One line of a history. `at` is in ms by a monotonic clock. */
export type HistoryEvent =
  | { kind: "run"; at: number; facts: RunFacts }
  | { kind: "send"; at: number; writer: string; text: string }
  | { kind: "ack"; at: number; writer: string; text: string; id: string; offset: number }
  | { kind: "failed"; at: number; writer: string; text: string; code: ErrorCode | null }
  | { kind: "subscribed"; at: number; reader: string; reply: Subscribed }
  | { kind: "push"; at: number; reader: string; epoch: string; publications: Publication[] }
  | { kind: "closed"; at: number; reader: string }
  | FaultEvent
  /** The messages that the room has at the end. */
  | { kind: "log"; at: number; epoch: string; messages: { offset: number; id: string; text: string }[] };

/** The last line of a history file. `sha256` is the hash of all bytes before this line. */
interface End {
  kind: "end";
  sha256: string;
}

/** Writes a history as NDJSON while it happens. */
export class HistoryRecorder {
  readonly events: HistoryEvent[] = [];
  readonly #hash = createHash("sha256");
  readonly #file: WriteStream;

  constructor(path: string) {
    this.#file = createWriteStream(path);
  }

  readonly record = (event: HistoryEvent): void => {
    const line = `${JSON.stringify(event)}\n`;
    // Parsed from the written line, so that a check of `events` and a check of the file have the same result.
    this.events.push(JSON.parse(line) as HistoryEvent);
    this.#hash.update(line);
    this.#file.write(line);
  };

  /** @returns the SHA-256 of the history */
  async end(): Promise<string> {
    const sha256 = this.#hash.digest("hex");
    const end: End = { kind: "end", sha256 };
    await new Promise<void>((resolve, reject) => {
      this.#file.once("error", reject);
      this.#file.end(`${JSON.stringify(end)}\n`, resolve);
    });
    return sha256;
  }
}

/** @throws when the file is incomplete or was changed */
export async function readHistory(path: string): Promise<{ events: HistoryEvent[]; sha256: string }> {
  const text = await readFile(path, "utf8");
  const endAt = text.trimEnd().lastIndexOf("\n") + 1;
  let end: End;
  try {
    end = JSON.parse(text.slice(endAt)) as End;
  } catch {
    throw new Error(`${path} is no whole history: its last line can't be read`);
  }
  if (end.kind !== "end") throw new Error(`${path} is no whole history: it has no end`);
  const sha256 = createHash("sha256").update(text.slice(0, endAt)).digest("hex");
  if (sha256 !== end.sha256)
    throw new Error(`${path} was changed: its SHA-256 is ${sha256}, and it names ${end.sha256}`);
  const lines = text
    .slice(0, endAt)
    .split("\n")
    .filter((line) => line !== "");
  return { events: lines.map((line) => JSON.parse(line) as HistoryEvent), sha256 };
}
