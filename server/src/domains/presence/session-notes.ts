import type { PresenceSessionChange } from "../shared/presence-session.js";
import type { PresenceContext } from "./context.js";
import type { MemberRecord } from "./member.js";

/** How soon a note that failed is made again. */
const RETRY_MS = 500;
/** How many are noted at the same time: Redis has other callers too. */
const NOTES_AT_ONCE = 500;

/** When Redis said what a note tells of. */
export interface RoomMoment {
  epoch: string;
  /** In ms since 1970, by Redis's clock. */
  atMs: number;
}

/**
 * Notes that the users of this node are in their rooms. A note that comes late must not outlive the stay that it tells
 * of: one is made again only while the user is still there.
 */
export class SessionNotes {
  readonly #context: PresenceContext;
  readonly #isHere: (room: string, user: string) => boolean;
  /** The stays that were noted: by room and user, as epoch and stay. */
  readonly #noted = new Map<string, Map<string, string>>();
  #waiting: PresenceSessionChange[] = [];
  #isNoting = false;

  constructor(context: PresenceContext, isHere: (room: string, user: string) => boolean) {
    this.#context = context;
    this.#isHere = isHere;
  }

  /**
   * @param moment when they were said to be here. What ended earlier, a stay that this one goes on from perhaps, ends
   * nothing that was noted of it.
   */
  enter(room: string, { epoch, atMs }: RoomMoment, entered: { user: string; record: MemberRecord }[]): void {
    const noted = this.#noted.get(room);
    for (const { user, record } of entered) {
      if (noted?.get(user) === `${epoch} ${record.stay}`) continue;
      this.#waiting.push({ user, room, epoch, joinOffset: record.stay, ended: false, atMs });
    }
    if (!this.#isNoting) void this.#note();
  }

  /** Redis may have lost what was noted: whoever it is told of again is noted again. @param room the only one, if it is */
  forget(room: string | null = null): void {
    if (room === null) this.#noted.clear();
    else this.#noted.delete(room);
  }

  /** Forgets what it noted of those who are not here any more. */
  tidy(): void {
    for (const [room, noted] of this.#noted) {
      for (const user of noted.keys()) if (!this.#isHere(room, user)) noted.delete(user);
      if (noted.size === 0) this.#noted.delete(room);
    }
  }

  async #note(): Promise<void> {
    this.#isNoting = true;
    while (this.#waiting.length > 0) {
      const changes = this.#waiting.splice(0, NOTES_AT_ONCE);
      try {
        await this.#context.stays.note(changes);
        for (const change of changes) this.#remember(change);
      } catch (error) {
        this.#context.log.debug({ err: error }, "noting where users are failed");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
        this.#waiting.unshift(...changes.filter(({ room, user }) => this.#isHere(room, user)));
      }
    }
    this.#isNoting = false;
  }

  #remember({ room, user, epoch, joinOffset: stay }: PresenceSessionChange): void {
    const noted = this.#noted.get(room) ?? new Map<string, string>();
    this.#noted.set(room, noted.set(user, `${epoch} ${stay}`));
  }
}
