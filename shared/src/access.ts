/**
 * What a user's token can allow on a channel: to follow and read it, to write in a room, to submit to a board or a
 * counter, and to put right what others did.
 */
export const rights = ["subscribe", "publish", "submit", "moderate"] as const;
export type Right = (typeof rights)[number];

/** The right that an operation needs, and the channels on which it needs it. */
export interface ChannelAccess {
  /** One of several is enough. `administer` is no right that a token could allow: it is for API keys. */
  right: Right | readonly Right[] | "administer";
  /**
   * The channel's name with a field of the input in braces: of an array each item, of what is not given nothing. `*`
   * stands for all ids, as in `counter:{prefix}*`.
   */
  channel: string;
}

/**
 * What an operation touches. That is channels; or none of them, and then whether it reads or writes, for the scopes of
 * API keys; or null, the caller's own connection alone, which takes neither right nor scope.
 */
export type Access = ChannelAccess | "read" | "write" | null;

export function isChannelAccess(access: Access): access is ChannelAccess {
  return typeof access === "object" && access !== null;
}

/** The rights of which an operation needs one; none where no token's right is enough. */
export function rightsOf({ right }: ChannelAccess): readonly Right[] {
  if (right === "administer") return [];
  return typeof right === "string" ? [right] : right;
}
