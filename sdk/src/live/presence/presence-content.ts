import type { Position, Publication } from "@grandstand/shared/channels";
import type { OutputOf } from "@grandstand/shared/contract";
import type {
  PresenceCount,
  PresenceDigest,
  PresenceLeft,
  PresenceMember,
  PresenceMode,
  PresenceSnapshot,
} from "@grandstand/shared/events/presence";
import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import { withProfile } from "../channel/profile-change.js";

/**
 * A member, and the offset of the room at which this state of the member was known. Publications before that offset do
 * not change the member.
 */
interface Known {
  readonly member: PresenceMember;
  readonly asOf: number;
}

/** The known members of a room. */
export interface PresenceContent {
  readonly mode: PresenceMode;
  readonly count: number;
  /** The members from the snapshot and from pages, in the order in which they joined. */
  readonly read: ReadonlyMap<string, Known>;
  /** The members that joined since the snapshot. They come after the members that are still to be read. */
  readonly joined: ReadonlyMap<string, Known>;
  /** The cursor of the next page of `presence.get`; null if there is no further page. */
  readonly nextCursor: string | null;
  readonly epoch: string;
}

/** A page of members, as `presence.get` returns it. */
type MembersPage = Pick<OutputOf<"presence.get">, "members" | "nextCursor" | "position">;

type Members = { read: Map<string, Known>; joined: Map<string, Known> };

/** A room with up to this many members publishes each change. The server has the same limit. */
const EACH_UP_TO = 200;
/**
 * A digest is one publication of all changes in 2 s. A room that publishes digests goes back to one publication for each
 * change once it has at most this many members. The server has the same limit.
 */
const EACH_AGAIN_UP_TO = EACH_UP_TO * 0.9;
/** An offset before all others. */
const BEFORE_ALL = -1;

export function contentOf(snapshot: PresenceSnapshot, { epoch, offset }: Position): PresenceContent {
  const { mode, count, members, nextCursor } = snapshot;
  const read = new Map(members.map((member) => [member.user, { member, asOf: offset }]));
  return { mode, count, read, joined: new Map(), nextCursor, epoch };
}

export function knownCount({ read, joined }: Pick<PresenceContent, "read" | "joined">): number {
  return read.size + joined.size;
}

/**
 * Whether the known members contradict the count. For a short time this is normal: a page may be ahead of the
 * digests. If the contradiction lasts, the list is wrong. For example, a member on a page joined and left while the node
 * was cut off from Redis.
 */
export function contradictsCount(content: PresenceContent): boolean {
  if (content.mode === "count") return false;
  const known = knownCount(content);
  return content.nextCursor === null ? known !== content.count : known > content.count;
}

/** The first `limit` of the known members. */
export function firstMembers({ read, joined }: PresenceContent, limit: number): readonly PresenceMember[] {
  return [...read.values(), ...joined.values()].slice(0, limit).map(({ member }) => member);
}

/**
 * Applies publications to the content.
 * @returns null if the result is not known, so that the room has to be read again
 */
export function applyChanges(
  content: PresenceContent,
  epoch: string,
  publications: readonly Publication[],
): PresenceContent | null {
  const isSameEpoch = epoch === content.epoch;
  // A new epoch restarts the offsets, and cursors of the former epoch are invalid.
  if (!isSameEpoch && content.nextCursor !== null) return null;
  const members = isSameEpoch ? copyOf(content) : inNewEpoch(content);
  let { mode, count, nextCursor } = content;
  for (const publication of publications) {
    const { event } = publication;
    const isWhole = nextCursor === null;
    const isRight = isWhole && knownCount(members) === count;
    applyTo(members, publication, isWhole);
    // If the list is complete, the count is the size of the list.
    const isCounted = isRight && (event === "presence.joined" || event === "presence.left");
    count = isCounted ? knownCount(members) : countAfter(publication, count);
    if (event === "presence.count") nextCursor = null;
    mode = modeAfter(event, mode, count);
  }
  return { ...members, mode, count, nextCursor, epoch };
}

/**
 * Adds a page after the members that were read before. If a page and a publication differ about a user, the
 * later one counts.
 * @param since the publications that arrived since the page was requested
 * @returns null if the page belongs to another epoch, so that the room has to be read again
 */
export function withPage(
  content: PresenceContent,
  page: MembersPage,
  since: readonly Publication[],
): PresenceContent | null {
  // Since the page was requested, the room has changed to publishing only its count.
  if (content.mode === "count") return content;
  const { position, nextCursor } = page;
  if (position?.epoch !== content.epoch) return null;
  const members = copyOf(content);
  for (const member of page.members) {
    // The member may be in the list already, at an earlier place, if it left and returned.
    forget(members, member.user);
    members.read.set(member.user, { member, asOf: position.offset });
  }
  for (const publication of since) {
    if (publication.offset > position.offset || publication.event === "profile.updated")
      applyTo(members, publication, nextCursor === null);
  }
  return { ...content, ...members, nextCursor };
}

function copyOf({ read, joined }: PresenceContent): Members {
  return { read: new Map(read), joined: new Map(joined) };
}

function inNewEpoch({ read, joined }: PresenceContent): Members {
  const renewed = (known: ReadonlyMap<string, Known>) =>
    new Map([...known].map(([user, { member }]) => [user, { member, asOf: BEFORE_ALL }]));
  return { read: renewed(read), joined: renewed(joined) };
}

function countAfter({ event, data }: Publication, count: number): number {
  switch (event) {
    case "presence.joined":
      return count + 1;
    case "presence.left":
      return count - 1;
    case "presence.digest":
    case "presence.count":
      return (data as PresenceCount).count;
    default:
      return count;
  }
}

function modeAfter(event: string, mode: PresenceMode, count: number): PresenceMode {
  switch (event) {
    case "presence.joined":
    case "presence.left":
    case "presence.updated":
      return "each";
    case "presence.digest":
      // A node that was cut off from Redis publishes a digest of what it missed, in small rooms too.
      return count <= (mode === "each" ? EACH_UP_TO : EACH_AGAIN_UP_TO) ? "each" : "digest";
    case "presence.count":
      return "count";
    default:
      // An event of a newer server, which this version does not show.
      return mode;
  }
}

/**
 * @param isWhole whether all members were read. If so, an update of an unknown member means that the member
 * returned.
 */
function applyTo(members: Members, { offset, event, data }: Publication, isWhole: boolean): void {
  switch (event) {
    case "profile.updated":
      rename(members, data as ProfileUpdated);
      break;
    case "presence.joined":
      join(members, data as PresenceMember, offset);
      break;
    case "presence.left":
      leave(members, (data as PresenceLeft).user, offset);
      break;
    case "presence.updated":
      update(members, data as PresenceMember, offset, isWhole);
      break;
    case "presence.digest": {
      const { joined, left, updated } = data as PresenceDigest;
      for (const user of left) leave(members, user, offset);
      // A member that left and returned since the last digest is in `updated`, but belongs at the end of the
      // list. So all of these members are sorted by the time of their join.
      const came = [...joined, ...updated].sort((one, other) => compare(one.since, other.since));
      const isNew = new Set(joined);
      for (const member of came) {
        if (isNew.has(member)) join(members, member, offset);
        else update(members, member, offset, isWhole);
      }
      break;
    }
    case "presence.count":
      // From now on the room publishes only its count.
      members.read.clear();
      members.joined.clear();
      break;
  }
}

function join(members: Members, member: PresenceMember, offset: number): void {
  const { user } = member;
  if (isNewer(members, user, offset)) return;
  const place = placeOf(members, user);
  if (place?.get(user)?.member.since === member.since) {
    // A page already added this presence session before its join was published.
    place.set(user, { member, asOf: offset });
    return;
  }
  forget(members, user);
  members.joined.set(user, { member, asOf: offset });
}

function rename(members: Members, change: ProfileUpdated): void {
  const place = placeOf(members, change.user);
  const known = place?.get(change.user);
  if (place && known) place.set(change.user, { ...known, member: withProfile(known.member, change) });
}

function leave(members: Members, user: string, offset: number): void {
  if (!isNewer(members, user, offset)) forget(members, user);
}

function forget(members: Members, user: string): void {
  members.read.delete(user);
  members.joined.delete(user);
}

function placeOf({ read, joined }: Members, user: string): Map<string, Known> | undefined {
  return [read, joined].find((known) => known.has(user));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function update(members: Members, member: PresenceMember, offset: number, isWhole: boolean): void {
  const { user } = member;
  const place = placeOf(members, user);
  const known = place?.get(user);
  if (!place || !known) {
    // If there are more pages to read, one of them contains the unknown member.
    if (isWhole) join(members, member, offset);
    return;
  }
  if (known.asOf > offset) return;
  // The user left and returned between two digests, so this is a later presence session than the known one.
  if (member.since > known.member.since) join(members, member, offset);
  else place.set(user, { member, asOf: offset });
}

/** Whether the known state of a user is newer than an offset. */
function isNewer({ read, joined }: Members, user: string, offset: number): boolean {
  return ((read.get(user) ?? joined.get(user))?.asOf ?? BEFORE_ALL) > offset;
}
