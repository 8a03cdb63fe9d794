import type { DomainDependencies } from "../shared/dependencies.js";
import { retry } from "../shared/retry.js";
import type { DueRooms } from "./due-rooms.js";
import { evictScript } from "./scripts.js";
import { PresenceStore } from "./store.js";

const USERS_PER_RUN = 500;

/** Evicts members who lost access to a room. */
export class Evictions {
  readonly #dependencies: DomainDependencies;
  readonly #dueRooms: DueRooms;
  #isClosed = false;

  constructor(dependencies: DomainDependencies, dueRooms: DueRooms) {
    this.#dependencies = dependencies;
    this.#dueRooms = dueRooms;
  }

  /**
   * After a change of access to a room, evicts the members who lost their access and have no live connection (evict.lua).
   * Then notifies all nodes. Each node checks the members who have a connection to that node. Retries until it succeeds or
   * `close` is called. Never rejects.
   * @param user the only user whose access changed; null when it may have changed for everyone
   */
  async onAccessChanged(room: string, user: string | null): Promise<void> {
    await retry(() => this.#evict(room, user ?? ""), {
      isCancelled: () => this.#isClosed,
      onError: (error) =>
        this.#dependencies.log.debug({ err: error, room }, "presence: evicting members failed"),
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  async #evict(room: string, user: string): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const store = new PresenceStore(this.#dependencies, room);
    let behind = "0";
    let firstAccess: string | null = null;
    do {
      const { dueInMs, accessVersion, last } = await store.run(evictScript, {
        user,
        behind,
        limit: USERS_PER_RUN,
      });
      firstAccess ??= accessVersion;
      await this.#dueRooms.schedule(room, dueInMs);
      behind = last;
    } while (behind !== "");
    // A node that receives the notice checks the access of its own members again.
    const notice: AccessNotice = { room, accessVersion: firstAccess!, user: user === "" ? null : user };
    await redis.publishTo(keys.presenceNodes.notices, encodeNotice(notice));
  }
}

/** The message to all nodes that access to a room has changed. */
interface AccessNotice {
  room: string;
  /** The room's access version when the eviction began: the number of changes of access until then. */
  accessVersion: string;
  /** The only user whose access changed; null when it may have changed for everyone. */
  user: string | null;
}

function encodeNotice({ room, accessVersion, user }: AccessNotice): string {
  return `${room} ${accessVersion} ${user ?? ""}`;
}

export function decodeNotice(notice: string): AccessNotice {
  const [, room, accessVersion, user] = /^(\S+) (\d+) (.*)$/s.exec(notice) as unknown as string[];
  return { room: room!, accessVersion: accessVersion!, user: user === "" ? null : user! };
}
