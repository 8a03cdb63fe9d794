import { type Account, accountOf } from "./account.js";
import type { FaultEvent, HistoryEvent, RunFacts } from "./history.js";
import { ReaderState } from "./reader-state.js";
import type { Acknowledged } from "./writer.js";

/**
 * `unknown`: the run proves nothing. No message was acknowledged, or there was no fault, or nothing proves that a fault
 * happened.
 */
export type Verdict = "valid" | "invalid" | "unknown";

export interface Finding {
  name: string;
  /** The observations that contradict the claim `name`; empty when the claim holds. */
  problems: string[];
  /** The verdict when there are problems. */
  otherwise: Exclude<Verdict, "valid">;
}

export interface Report {
  verdict: Verdict;
  facts: RunFacts;
  /** The number of messages that were sent. A message that was sent several times counts once. */
  attempted: number;
  acknowledged: number;
  /** Acknowledged messages that every reader received. */
  ok: number;
  /** Messages that were never acknowledged, but are in the room or were received. */
  recovered: number;
  /** Acknowledged messages that are not in the room at the end and that no reader received, as `text at offset`. */
  lost: string[];
  account: Account;
  findings: Finding[];
  timeline: FaultEvent[];
  /** Periods of more than a second from a send to the next acknowledgement of any message, in ms since the start. */
  unavailable: { fromMs: number; toMs: number }[];
  /** Percentiles of the times from a fault until every reader had received a message sent after the fault. */
  healMs: { p50: number; p99: number };
}

/** A system counts as unavailable if, after a send, no message is acknowledged for longer than this. */
const SLOW_MS = 1_000;

/** Checks a history. It reads nothing but the events, so that a file can be checked again on any machine. */
export function checkHistory(events: HistoryEvent[]): Report {
  const facts = one(events, "run").facts;
  const readers = new Map(
    facts.readers.map(({ name, transport }) => [name, new ReaderState(name, transport)]),
  );
  const acknowledged: Acknowledged[] = [];
  /** When each message was sent for the first time. */
  const attempted = new Map<string, number>();
  const refused: string[] = [];
  const timeline: FaultEvent[] = [];
  for (const event of events) {
    if (event.kind === "send") attempted.set(event.text, attempted.get(event.text) ?? event.at);
    else if (event.kind === "ack") {
      const { id, offset, text, at } = event;
      acknowledged.push({ message: { id, offset, text }, sentAt: attempted.get(text) ?? at, at });
    } else if (event.kind === "failed") {
      if (event.code !== null && event.code !== "unavailable") {
        refused.push(`${event.text} failed with ${event.code}`);
      }
    } else if (event.kind === "subscribed") readers.get(event.reader)!.subscribed(event.reply, event.at);
    else if (event.kind === "push")
      readers.get(event.reader)!.pushed(event.epoch, event.publications, event.at);
    else if (event.kind === "closed") readers.get(event.reader)!.closed();
    else if (event.kind === "fault") timeline.push(event);
  }
  const states = [...readers.values()];
  const log = one(events, "log");
  const account = accountOf(
    states,
    acknowledged,
    timeline.map(({ name, at }) => ({ name, startedAt: at })),
  );
  const inLog = new Set(log.messages.map(({ id }) => id));
  const isKept = ({ message: { id } }: Acknowledged) =>
    inLog.has(id) || states.some(({ arrivedAt }) => arrivedAt.has(id));
  const acknowledgedTexts = new Set(acknowledged.map(({ message }) => message.text));
  const received = new Set([
    ...log.messages.map(({ text }) => text),
    ...states.flatMap(({ texts }) => [...texts.values()]),
  ]);
  const behind = states.filter(
    ({ position }) => position?.epoch !== log.epoch || position.offset !== (log.messages.at(-1)?.offset ?? 0),
  );
  const findings: Finding[] = [
    claim(
      "messages were acknowledged",
      "unknown",
      acknowledged.length === 0 ? ["no message was acknowledged"] : [],
    ),
    claim("each fault is proven", "unknown", [
      ...(timeline.length === 0 ? ["there was no fault"] : []),
      ...timeline
        .filter(({ proof }) => proof === null)
        .map(({ name }) => `there is no proof that ${name} happened`),
    ]),
    claim(
      "every reader caught up",
      "invalid",
      behind.map(({ name }) => `${name} did not catch up`),
    ),
    claim("no message is lost without notice", "invalid", account.unflagged),
    claim("no message is duplicated", "invalid", [...account.duplicated, ...duplicatedIn(log.messages)]),
    claim("all readers saw one order, and no recovery was false", "invalid", account.reordered),
    claim("calls fail only with `unavailable`", "invalid", refused),
  ];
  const failed = findings.filter(({ problems }) => problems.length > 0);
  const verdict = failed.some(({ otherwise }) => otherwise === "invalid")
    ? "invalid"
    : failed.length > 0
      ? "unknown"
      : "valid";
  return {
    verdict,
    facts,
    attempted: attempted.size,
    acknowledged: acknowledged.length,
    ok: acknowledged.filter(({ message }) => states.every(({ arrivedAt }) => arrivedAt.has(message.id)))
      .length,
    recovered: [...attempted.keys()].filter((text) => !acknowledgedTexts.has(text) && received.has(text))
      .length,
    lost: acknowledged
      .filter((each) => !isKept(each))
      .map(({ message }) => `${message.text} at ${message.offset}`),
    account,
    findings,
    timeline,
    unavailable: unavailableIn(events),
    healMs: { p50: percentile(account.healTimesMs, 0.5), p99: percentile(account.healTimesMs, 0.99) },
  };
}

function claim(name: string, otherwise: Finding["otherwise"], problems: string[]): Finding {
  return { name, problems, otherwise };
}

function one<K extends HistoryEvent["kind"]>(
  events: HistoryEvent[],
  kind: K,
): Extract<HistoryEvent, { kind: K }> {
  const found = events.find((event) => event.kind === kind);
  if (!found) throw new Error(`the history has no line of the kind ${kind}`);
  return found as Extract<HistoryEvent, { kind: K }>;
}

function duplicatedIn(messages: { text: string; offset: number }[]): string[] {
  const seen = new Map<string, number>();
  return messages.flatMap(({ text, offset }) => {
    const first = seen.get(text);
    seen.set(text, offset);
    return first === undefined ? [] : [`${text} at ${first} and ${offset} of the room`];
  });
}

function unavailableIn(events: HistoryEvent[]): Report["unavailable"] {
  const startAt = events[0]?.at ?? 0;
  const windows: Report["unavailable"] = [];
  let waitingSince: number | null = null;
  for (const { kind, at } of events) {
    if (kind === "send") waitingSince ??= at;
    if (kind !== "ack") continue;
    if (waitingSince !== null && at - waitingSince > SLOW_MS) {
      windows.push({ fromMs: Math.round(waitingSince - startAt), toMs: Math.round(at - startAt) });
    }
    waitingSince = null;
  }
  return windows;
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
