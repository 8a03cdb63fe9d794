import type { ChannelAccess } from "@grandstand/shared/access";

/** A channel that a call touches, and the field of the input that names it. */
export interface ResolvedChannel {
  /** A dotted path, as in `rooms.3`. */
  path: string;
  channel: string;
}

/** @returns what says which channels a call with some input touches, as the operation declares it. */
export function channelResolver({ channel: template }: ChannelAccess): (input: unknown) => ResolvedChannel[] {
  const [before, field = "", after = ""] = template.split(/[{}]/) as [string, string?, string?];
  const touched = (path: string, id: unknown): ResolvedChannel => ({
    path,
    channel: `${before}${id ?? ""}${after}`,
  });
  return (input) => {
    const named = field === "" ? undefined : (input as Record<string, unknown>)[field];
    return Array.isArray(named)
      ? named.map((id, at) => touched(`${field}.${at}`, id))
      : [touched(field, named)];
  };
}
