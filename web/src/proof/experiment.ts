import type { ChatMessage, Client } from "@grandstand/sdk";
import { terrace } from "../chat/room.js";
import { type Command, command } from "./command.js";
import { lostBetween, readLog } from "./message-log.js";
import { until } from "./until.js";

/** The effect of an experiment on the room's messages and on the connection of this page. */
export interface Report {
  before: number;
  after: number;
  /** How many messages the log has lost, plus how many messages of the log this page does not have. */
  lost: number;
  /** How long the connection of this page was not live; 0 if it was not interrupted. */
  awayMs: number;
  /** The node that serves this page afterwards. */
  nodeId: string | null;
}

export type Step = "counting" | "breaking" | "checking";

const RECOVERY_MS = 30_000;

/**
 * Counts the messages, breaks something, and counts again once this page is live.
 * @param text the text that other visitors see about the experiment
 * @throws {Error} with the reason if nothing was broken, or the page did not recover
 */
export async function experiment(
  client: Client,
  what: Command,
  text: string,
  onStep: (step: Step) => void,
): Promise<Report> {
  onStep("counting");
  const before = await readLog(client.chat(terrace));
  const outage = watchOutage(client);
  onStep("breaking");
  try {
    await command(client, what, text);
    await untilLive(client, what.do === "killNode" ? what.node : null);
  } finally {
    outage.end();
  }
  onStep("checking");
  const after = await readLog(client.chat(terrace));
  const unseen = await unseenOf(client, after);
  return {
    before: before.length,
    after: after.length,
    lost: lostBetween(before, after) + unseen,
    awayMs: outage.awayMs(),
    nodeId: client.connection.get().welcome?.nodeId ?? null,
  };
}

/**
 * Waits until the connection is live, and not with the killed node.
 * @param killed the id of the killed node; null if none was killed
 */
async function untilLive({ connection }: Client, killed: string | null): Promise<void> {
  await until(
    connection,
    ({ status, welcome }) => (status === "live" && welcome?.nodeId !== killed) || undefined,
    { timeoutMs: RECOVERY_MS, message: "This page found no other node." },
  );
}

/** The number of messages in the log that this page lacks after it has caught up. */
async function unseenOf(client: Client, log: readonly ChatMessage[]): Promise<number> {
  const live = client.chat(terrace).live();
  const end = log.at(-1)?.offset ?? 0;
  const shown = await until(
    live,
    ({ status, messages }) => {
      const hasCaughtUp = messages.some(({ offset }) => offset !== null && offset >= end);
      return status === "live" && (end === 0 || hasCaughtUp) ? messages : undefined;
    },
    { timeoutMs: RECOVERY_MS, message: "The chat did not catch up." },
  );
  const first = shown.find(({ offset }) => offset !== null)?.offset ?? 0;
  const ids = new Set(shown.map(({ id }) => id));
  return log.filter(({ id, offset }) => offset >= first && !ids.has(id)).length;
}

/** Measures how long the connection is not live. */
function watchOutage({ connection }: Client): { awayMs: () => number; end: () => void } {
  let awayMs = 0;
  let leftAt: number | null = null;
  const stop = connection.subscribe(() => {
    const isLive = connection.get().status === "live";
    if (!isLive) leftAt ??= performance.now();
    else if (leftAt !== null) {
      awayMs += performance.now() - leftAt;
      leftAt = null;
    }
  });
  return { awayMs: () => awayMs, end: stop };
}
