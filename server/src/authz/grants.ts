import type { Right } from "@grandstand/shared/access";
import { parseChannel } from "@grandstand/shared/channels";
import { coversScope } from "@grandstand/shared/rights";
import type { Action } from "@grandstand/shared/scopes";
import type { Caller, Capability } from "../core/caller.js";
import { fitsPattern } from "./channel-pattern.js";

/** The role that moderates every board, and every room except direct ones. It has no effect in a token with `caps`. */
const MODERATOR = "moderator";
const moderatedByRole = ["chat:", "presence:", "leaderboard:"];

/** Direct rooms: their name contains the ids of their two users. */
const directRooms = ["chat:dm:", "presence:dm:"];

const none: ReadonlySet<Right> = new Set();
const moderation: ReadonlySet<Right> = new Set(["moderate"]);

/**
 * The rights that a user's credential grants on a channel, with the rights that hooks added. A hook is a decision of the
 * app about a call or connection. The board, room or counter itself may allow more. For a server the result is empty: only
 * the scopes of its API key count. Caps grant no rights on `user:` channels. On direct rooms, only patterns that begin with
 * `chat:dm:` or `presence:dm:` grant rights.
 */
export function grantsOf(caller: Caller, channel: string): ReadonlySet<Right> {
  if (caller.kind !== "user") return none;
  const { caps, role, addedCaps } = caller;
  const granted = caps === undefined ? grantedByRole(role, channel) : grantedBy(caps, channel);
  if (addedCaps === undefined) return granted;
  return new Set([...granted, ...grantedBy(addedCaps, channel)]);
}

function grantedByRole(role: string | undefined, channel: string): ReadonlySet<Right> {
  if (role !== MODERATOR || directRooms.some((prefix) => channel.startsWith(prefix))) return none;
  return moderatedByRole.some((prefix) => channel.startsWith(prefix)) ? moderation : none;
}

function grantedBy(caps: readonly Capability[], channel: string): ReadonlySet<Right> {
  if (channel.startsWith("user:")) return none;
  const direct = directRooms.find((prefix) => channel.startsWith(prefix));
  const granted = new Set<Right>();
  for (const { channels, allow } of caps) {
    const opens = (pattern: string) => pattern.startsWith(direct ?? "") && fitsPattern(pattern, channel);
    if (channels.some(opens)) for (const right of allow) granted.add(right);
  }
  return granted;
}

/**
 * Whether a caller's credential permits one of the rights. A user's token with `caps` permits only the rights in `caps`
 * and in the caps that hooks added. Any other credential sets no such limit, so the result is true. Other checks may still
 * refuse the caller.
 */
export function isAllowed(caller: Caller, anyOf: readonly Right[], channel: string): boolean {
  if (caller.kind !== "user" || caller.caps === undefined) return true;
  const permits = ({ channels, allow }: Capability) =>
    anyOf.some((right) => allow.includes(right)) && channels.some((pattern) => fitsPattern(pattern, channel));
  return caller.caps.some(permits) || (caller.addedCaps?.some(permits) ?? false);
}

/** Whether a caller's credential lets it moderate at least one channel. */
export function mayModerate(caller: Caller): boolean {
  if (caller.kind !== "user") return false;
  const { caps, role, addedCaps = [] } = caller;
  const moderates = ({ allow }: Capability) => allow.includes("moderate");
  return addedCaps.some(moderates) || (caps === undefined ? role === MODERATOR : caps.some(moderates));
}

/** The most caps that hooks can add to a caller. */
const MAX_ADDED_CAPS = 100;

/** The caller with additional caps. If there are too many, the oldest are dropped. */
export function withAddedCaps(caller: Caller, caps: readonly Capability[]): Caller {
  if (caller.kind !== "user" || caps.length === 0) return caller;
  const all = [...(caller.addedCaps ?? []), ...caps];
  const distinct = new Map(all.map((one) => [JSON.stringify([one.channels, one.allow]), one]));
  return { ...caller, addedCaps: [...distinct.values()].slice(-MAX_ADDED_CAPS) };
}

/** Whether an API key may perform an action in a domain. A key without scopes may do everything. */
export function hasScope(scopes: readonly string[] | undefined, domain: string, action: Action): boolean {
  return scopes === undefined || coversScope(scopes, `${domain}:${action}`);
}

/** Whether a caller's credential permits subscribing to a channel. The channel's own domain may still refuse. */
export function mayFollow(caller: Caller, channel: string): boolean {
  if (caller.kind === "server") return hasScope(caller.scopes, parseChannel(channel)?.kind ?? "", "read");
  return caller.kind === "user" && isAllowed(caller, ["subscribe"], channel);
}
