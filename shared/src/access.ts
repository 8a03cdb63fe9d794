/**
 * What a user's token can allow on a channel: to subscribe and read, to publish in a room, to submit to a board or a
 * counter, and to moderate what other users did.
 */
export const rights = ["subscribe", "publish", "submit", "moderate"] as const;
export type Right = (typeof rights)[number];

/** The right that an operation needs, and the channels on which it needs it. */
export interface ChannelAccess {
  /** Of several rights, one is enough. No token can allow `administer`; it is for API keys. */
  right: Right | readonly Right[] | "administer";
  /**
   * The channel's name with an input field in braces. If the field is an array, each item names a channel. `*` matches all
   * ids, as in `counter:{prefix}*`. An absent field counts as an empty text: without `prefix`, the channel is `counter:*`.
   */
  channel: string;
}

/**
 * What an operation accesses. `ChannelAccess` names channels. `"read"` and `"write"` are the actions of operations without
 * a channel. An API key needs a scope for the action, such as `job:read`. Null is for operations on the caller's own
 * connection, which need neither a right nor a scope.
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
