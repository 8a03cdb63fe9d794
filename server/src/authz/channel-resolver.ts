import type { ChannelAccess } from "@grandstand/shared/access";

/** A channel that a call refers to, and the field of the input that names it. */
export interface ResolvedChannel {
  /** A dotted path, as in `rooms.3`. */
  path: string;
  channel: string;
}

/**
 * Makes a function that reads the channels of a call from its input. The template `chat:{room}` makes a
 * channel of the field `room`, and `chat:{rooms}` a channel of each item of the list `rooms`.
 */
export function channelResolver({ channel: template }: ChannelAccess): (input: unknown) => ResolvedChannel[] {
  const [before, field = "", after = ""] = template.split(/[{}]/) as [string, string?, string?];
  const resolved = (path: string, id: unknown): ResolvedChannel => ({
    path,
    channel: `${before}${id ?? ""}${after}`,
  });
  return (input) => {
    const named = field === "" ? undefined : (input as Record<string, unknown>)[field];
    return Array.isArray(named)
      ? named.map((id, at) => resolved(`${field}.${at}`, id))
      : [resolved(field, named)];
  };
}
