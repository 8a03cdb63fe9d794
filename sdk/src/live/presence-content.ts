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

/** A member, and the offset as of which it was so: what is older says nothing new of it. */
interface Known {
  readonly member: PresenceMember;
  readonly asOf: number;
}

/** Who is in a room, as far as was read and told. */
export interface PresenceContent {
  readonly mode: PresenceMode;
  readonly count: number;
  /** Those who were read, in the order in which they came. */
  readonly read: ReadonlyMap<string, Known>;
  /** Those who joined since. They stand behind all who were not read yet. */
  readonly joined: ReadonlyMap<string, Known>;
  /** Where `presence.get` goes on; null when there is nothing more to read. */
  readonly nextCursor: string | null;
  readonly epoch: string;
}

/** A page of members, as `presence.get` answers. */
type MembersPage = Pick<OutputOf<"presence.get">, "members" | "nextCursor" | "position">;

type Members = { read: Map<string, Known>; joined: Map<string, Known> };

/** Up to so many members a room tells of each change, as the server counts them. */
const EACH_UP_TO = 200;
/** Older than every offset. */
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
 * Whether those who are known can't be who is here. For a moment that is so while a page is ahead of the digests; else
 * the page showed one who came and went while the server itself was cut off, of whom it can't tell.
 */
export function isOff(content: PresenceContent): boolean {
  if (content.mode === "count") return false;
  const known = knownCount(content);
  return content.nextCursor === null ? known !== content.count : known > content.count;
}

/** The first of those who are known. */
export function firstMembers({ read, joined }: PresenceContent, limit: number): readonly PresenceMember[] {
  return [...read.values(), ...joined.values()].slice(0, limit).map(({ member }) => member);
}

/**
 * The content after what was published.
 * @returns null when that can't be told, and the room has to be read anew.
 */
export function applyChanges(
  content: PresenceContent,
  epoch: string,
  publications: readonly Publication[],
): PresenceContent | null {
  const isSameLife = epoch === content.epoch;
  // In a new life of the room its offsets begin anew, and cursors of the old one lead nowhere.
  if (!isSameLife && content.nextCursor !== null) return null;
  const members = isSameLife ? copyOf(content) : inNewLife(content);
  let { mode, count, nextCursor } = content;
  for (const publication of publications) {
    const { event } = publication;
    const isWhole = nextCursor === null;
    const isRight = isWhole && knownCount(members) === count;
    applyTo(members, publication, isWhole);
    // Who has read everybody need not reckon. A list that is off goes on being off, and is read anew for that.
    const isCounted = isRight && (event === "presence.joined" || event === "presence.left");
    count = isCounted ? knownCount(members) : countAfter(publication, count);
    if (event === "presence.count") nextCursor = null;
    mode = modeAfter(event, mode, count);
  }
  return { ...members, mode, count, nextCursor, epoch };
}

/**
 * The content with the page behind those who were read. Of what a page and a publication say of one user, the later
 * one holds.
 * @param since what was published since the page was asked for: it may know nothing of that, and knows all before
 * @returns null when the page is of another life of the room, and the room has to be read anew
 */
export function withPage(
  content: PresenceContent,
  page: MembersPage,
  since: readonly Publication[],
): PresenceContent | null {
  // It was asked for before nobody told who is here any more.
  if (content.mode === "count") return content;
  const { position, nextCursor } = page;
  if (position?.epoch !== content.epoch) return null;
  const members = copyOf(content);
  for (const member of page.members) {
    // Also out of the place that it was read at before, if it left and came back since.
    forget(members, member.user);
    members.read.set(member.user, { member, asOf: position.offset });
  }
  for (const publication of since) {
    if (publication.offset > position.offset) applyTo(members, publication, nextCursor === null);
  }
  return { ...content, ...members, nextCursor };
}

function copyOf({ read, joined }: PresenceContent): Members {
  return { read: new Map(read), joined: new Map(joined) };
}

function inNewLife({ read, joined }: PresenceContent): Members {
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
      // What was missed while the server was cut off is told together in small rooms as well.
      return mode === "each" && count <= EACH_UP_TO ? "each" : "digest";
    case "presence.count":
      return "count";
    default:
      // An event of a newer server: what it adds is not shown here.
      return mode;
  }
}

/** @param isWhole whether everybody was read: then one who is told of and not known came back meanwhile */
function applyTo(members: Members, { offset, event, data }: Publication, isWhole: boolean): void {
  switch (event) {
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
      // A digest calls one updated who left and came back: together with the others they are in the order of coming.
      const came = [...joined, ...updated].sort((one, other) => compare(one.since, other.since));
      const isNew = new Set(joined);
      for (const member of came) {
        if (isNew.has(member)) join(members, member, offset);
        else update(members, member, offset, isWhole);
      }
      break;
    }
    case "presence.count":
      // From now on nobody tells who.
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
    // A page was ahead: the stay is known, and has its place.
    place.set(user, { member, asOf: offset });
    return;
  }
  forget(members, user);
  members.joined.set(user, { member, asOf: offset });
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
    // Where there is more to read, one who is not known comes with a page.
    if (isWhole) join(members, member, offset);
    return;
  }
  if (known.asOf > offset) return;
  // A later stay than the one that is known: the user left and came back between two digests.
  if (member.since > known.member.since) join(members, member, offset);
  else place.set(user, { member, asOf: offset });
}

/** Whether what is known of a user is newer than what was said at an offset. */
function isNewer({ read, joined }: Members, user: string, offset: number): boolean {
  return ((read.get(user) ?? joined.get(user))?.asOf ?? BEFORE_ALL) > offset;
}
