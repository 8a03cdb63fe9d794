import type { RedisCommands } from "../redis/commands.js";
import type { Keys, ProfileKeys } from "../redis/keys.js";
import { runScript } from "../redis/scripts.js";
import { noteScript } from "./scripts.js";

/**
 * The least time between two writes for a group of users. Notes that arrive meanwhile are written together. `hasten`
 * writes without waiting for this time.
 */
const EVERY_MS = 100;
/** How many profiles one script writes at most. Redis serves no other command while a script runs. */
const NOTES_PER_WRITE = 500;

/** The profile in a user's credential, to be written to Redis. */
export interface Note {
  user: string;
  /** JSON; "null" for a user without a profile. */
  text: string;
  /** When the credential was issued, in ms since 1970. */
  sinceMs: number;
  ttlMs: number;
}

/** What Redis stores for the user after the write. */
export interface Noted {
  sinceMs: number;
  text: string;
  remainingMs: number;
}

interface Waiting {
  note: Note;
  keys: ProfileKeys;
  resolve(noted: Noted): void;
  reject(error: unknown): void;
}

/** The waiting notes of one group of users, whose keys share a hash tag (`PROFILE_GROUPS`). */
interface Group {
  waiting: Waiting[];
  writtenAt: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Writes to Redis the profiles that users' credentials contain. One script writes many profiles, because thousands of
 * users connect at the same time after an outage. Only a reply that contains such a profile waits for the write
 * (`hasten`).
 */
export class NotedProfiles {
  readonly #redis: RedisCommands;
  readonly #keys: Keys;
  readonly #publishCommand: string;
  readonly #renewMs: number;
  readonly #groups = new Map<string, Group>();

  /** @param renewMs the age at which a record is written again */
  constructor(
    { redis, keys, publishCommand }: { redis: RedisCommands; keys: Keys; publishCommand: string },
    renewMs: number,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#publishCommand = publishCommand;
    this.#renewMs = renewMs;
  }

  write(note: Note): Promise<Noted> {
    const keys = this.#keys.profile(note.user);
    const group = this.#groupOf(keys);
    return new Promise((resolve, reject) => {
      group.waiting.push({ note, keys, resolve, reject });
      const dueInMs = Math.max(0, group.writtenAt + EVERY_MS - performance.now());
      group.timer ??= setTimeout(() => this.#flush(group), dueInMs);
    });
  }

  /** Writes the notes of a user's group at once, because a reply waits for the user's note. */
  hasten(user: string): void {
    this.#flush(this.#groupOf(this.#keys.profile(user)));
  }

  /** Writes all waiting notes at once. */
  stop(): void {
    for (const group of this.#groups.values()) this.#flush(group);
  }

  #groupOf({ tag }: ProfileKeys): Group {
    const group = this.#groups.get(tag) ?? { waiting: [], writtenAt: Number.NEGATIVE_INFINITY, timer: null };
    this.#groups.set(tag, group);
    return group;
  }

  #flush(group: Group): void {
    if (group.timer !== null) clearTimeout(group.timer);
    const { waiting } = group;
    group.timer = null;
    group.waiting = [];
    if (waiting.length === 0) return;
    group.writtenAt = performance.now();
    for (let at = 0; at < waiting.length; at += NOTES_PER_WRITE)
      void this.#writeAll(waiting.slice(at, at + NOTES_PER_WRITE));
  }

  async #writeAll(waiting: Waiting[]): Promise<void> {
    try {
      const [, ...noted] = (await runScript(
        this.#redis,
        noteScript,
        { topic: waiting[0]!.keys.topic, users: waiting.map(({ keys }) => keys) },
        {
          publishCommand: this.#publishCommand,
          renewMs: this.#renewMs,
          users: waiting.map(({ note: { user, text, sinceMs, ttlMs } }) => ({
            user,
            profile: text,
            sinceMs,
            ttlMs,
          })),
        },
      )) as string[];
      for (const [at, { resolve }] of waiting.entries()) {
        const [since, text, remaining] = noted.slice(3 * at, 3 * at + 3) as [string, string, string];
        resolve({ sinceMs: Number(since), text, remainingMs: Number(remaining) });
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
