import type { ShownMessage } from "@grandstand/sdk";

/** How a sender is shown: by name where the message has one, else by id. */
export function senderOf({ profile, user }: Pick<ShownMessage, "profile" | "user">): string {
  return profile?.name ?? user ?? "Grandstand";
}

const EXCERPT_LENGTH = 80;

/** The beginning of a message, in one line. */
export function excerptOf({ text, deleted }: Pick<ShownMessage, "text" | "deleted">): string {
  if (deleted) return "Taken back";
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH - 1)}…` : line;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function clockOf(time: string): string {
  return clock.format(new Date(time));
}
