import type { ChannelAccess } from "@grandstand/shared/access";

/** A channel that a call refers to, and the field of the input that names it. */
export interface ResolvedChannel {
  /** A dotted path, as in `rooms.3`. */
  path: string;
  channel: string;
}

/** @returns a function that names the channels of a call from its input, as the operation declares them */
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
