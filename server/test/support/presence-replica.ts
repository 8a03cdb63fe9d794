import type { Publication } from "@grandstand/shared/channels";
import type { PresenceDigest, PresenceMember, PresenceSnapshot } from "@grandstand/shared/events/presence";

/**
 * The view of a client that applies all publications of a room. It records publications that contradict the view.
 */
export class PresenceReplica {
  readonly snapshot: PresenceSnapshot;
  readonly members = new Map<string, PresenceMember>();
  readonly publications: Publication[] = [];
  /** The publications that contradicted the state, as text. */
  readonly faults: string[] = [];
  count: number;

  constructor(snapshot: PresenceSnapshot) {
    this.snapshot = snapshot;
    this.count = snapshot.count;
    for (const member of snapshot.members) this.members.set(member.user, member);
  }

  /** The state of each member. */
  get states(): Record<string, unknown> {
    return Object.fromEntries([...this.members.values()].map(({ user, state }) => [user, state]));
  }

  /** The users of all events of a kind, including those in digests. */
  usersOf(kind: "joined" | "left" | "updated"): string[] {
    return this.publications.flatMap(({ event, data }) => {
      if (event === `presence.${kind}`) return [(data as PresenceMember).user];
      if (event !== "presence.digest") return [];
      const digest = data as PresenceDigest;
      return kind === "left" ? digest.left : digest[kind].map(({ user }) => user);
    });
  }

  apply(publication: Publication): void {
    this.publications.push(publication);
    const { event, data } = publication;
    if (event === "presence.joined") this.#join(data as PresenceMember);
    else if (event === "presence.left") this.#leave((data as PresenceMember).user);
    else if (event === "presence.updated") this.#update(data as PresenceMember);
    else if (event === "presence.count") this.count = (data as { count: number }).count;
    else if (event === "presence.digest") {
      const { joined, left, updated, count } = data as PresenceDigest;
      // `left` also names users who joined and left between two digests, so an unknown user is no fault.
      for (const user of left) this.members.delete(user);
      for (const member of joined) this.#join(member);
      for (const member of updated) this.#update(member);
      if (count !== this.members.size) this.faults.push(`${this.members.size} members of ${count}`);
    } else this.faults.push(event);
    if (event !== "presence.count") this.count = this.members.size;
  }

  #join(member: PresenceMember): void {
    if (this.members.has(member.user)) this.faults.push(`${member.user} joined twice`);
    this.members.set(member.user, member);
  }

  #leave(user: string): void {
    if (!this.members.delete(user)) this.faults.push(`${user} left without being a member`);
  }

  #update(member: PresenceMember): void {
    if (!this.members.has(member.user)) this.faults.push(`${member.user} changed without being a member`);
    this.members.set(member.user, member);
  }
}
