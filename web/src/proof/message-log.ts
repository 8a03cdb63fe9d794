import type { Chat, ChatMessage } from "@grandstand/sdk";
import { patiently } from "../patiently.js";

const PAGE = 100;

/** Reads every message of a room's log, oldest first. */
export async function readLog(room: Chat): Promise<ChatMessage[]> {
  const log: ChatMessage[] = [];
  for (;;) {
    const before = log[0]?.offset;
    const page = await patiently(() =>
      room.history({ limit: PAGE, ...(before !== undefined && { before }) }),
    );
    log.unshift(...page.messages);
    if (!page.hasMore || page.messages.length === 0) return log;
  }
}

/**
 * The number of messages of `before` that `after` lacks. Messages that a full log has dropped do not count as
 * lost.
 */
export function lostBetween(before: readonly ChatMessage[], after: readonly ChatMessage[]): number {
  const kept = new Set(after.map(({ id }) => id));
  const first = after[0]?.offset ?? 0;
  return before.filter(({ id, offset }) => offset >= first && !kept.has(id)).length;
}
