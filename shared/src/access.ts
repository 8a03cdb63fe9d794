/**
 * The rights that a user's token can grant on a channel: `subscribe` and read, `publish` in a room, `submit` to a board
 * or counter, and `moderate` what others did.
 */
export const rights = ["subscribe", "publish", "submit", "moderate"] as const;
export type Right = (typeof rights)[number];

/** The right that an operation needs, and the channels on which it needs it. */
export interface ChannelAccess {
  /** One of several rights is enough. No token can grant `administer`: it is for API keys. */
  right: Right | readonly Right[] | "administer";
  /**
   * The channel's name with a field of the input in braces. An array stands for one channel per item, a missing field
   * for empty text. `*` stands for all ids, as in `counter:{prefix}*`.
   */
  channel: string;
}

/**
 * What an operation needs: a right on channels; or, if it touches none, `read` or `write` for the scopes of API keys; or
 * null if it concerns only the caller's own connection and needs neither right nor scope.
 */
export type Access = ChannelAccess | "read" | "write" | null;

export function isChannelAccess(access: Access): access is ChannelAccess {
  return typeof access === "object" && access !== null;
}

/** The rights of which an operation needs one; empty when no right of a token is enough. */
export function rightsOf({ right }: ChannelAccess): readonly Right[] {
  if (right === "administer") return [];
  return typeof right === "string" ? [right] : right;
}
