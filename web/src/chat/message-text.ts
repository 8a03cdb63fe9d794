import type { ShownMessage } from "@grandstand/sdk";

const EXCERPT_LENGTH = 80;

/** The start of a message, as one line. */
export function excerptOf({ text, deleted }: Pick<ShownMessage, "text" | "deleted">): string {
  if (deleted) return "Taken back";
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH - 1)}…` : line;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function formatClock(time: string): string {
  return clock.format(new Date(time));
}
