import type { Profile } from "@grandstand/shared/user";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { ProfileSettings } from "../config/config.js";
import { type Caller, profileOf } from "../core/caller.js";
import type { Observer } from "../observer/observer.js";
import type { RedisCommands } from "../redis/commands.js";
import { levelOf } from "../redis/faults.js";
import { type Idempotency, idempotencyArguments, partOf, refuseReusedKey } from "../redis/idempotency.js";
import { type Keys, PROFILE_GROUPS } from "../redis/keys.js";
import { namedReply, runScript } from "../redis/scripts.js";
import type { Topics } from "../redis/topics.js";
import { type KnownProfile, profileIn, recordOf, saysProfile, textOf, UNKNOWN } from "./known-profile.js";
import { NotedProfiles } from "./noted-profiles.js";
import { type FetchedProfiles, ProfileSource } from "./profile-source.js";
import * as scripts from "./scripts.js";
import type { ProfileListener, ProfileTexts, ShownProfiles } from "./shown-profiles.js";
import { visitProfiles } from "./visit-profiles.js";

/** How many profiles a node caches. */
const MOST_KNOWN = 200_000;
/** How many profiles one script reads at most. Redis serves no other command while a script runs. */
const USERS_PER_READ = 500;
const DAY_MS = 86_400_000;
/** How long Redis keeps a profile after it was set, or after the user last presented a credential with this profile. */
const TTL_MS = 400 * DAY_MS;
const GUEST_TTL_MS = 30 * DAY_MS;
/** A record that is at least this old gets its full TTL again when its user presents a credential with the same profile. */
const RENEW_MS = DAY_MS;

/**
 * The part number (`partOf`) of the script that sets profiles, in a call that runs several scripts under one idempotency
 * key. It is negative, because the other scripts are numbered from 0.
 */
const PROFILE_PART = -1;

interface Dependencies {
  redis: RedisCommands;
  keys: Keys;
  publishCommand: string;
  log: Logger;
  observer: Observer;
}

/**
 * The profiles of users. A profile belongs to the user, not to what the user wrote. Entries, messages and members are stored
 * with the profile that the user had at that time, but are shown with the user's current profile. If the settings have a
 * URL of the app's backend, the node fetches all profiles from that URL. Otherwise profiles come from users' credentials
 * and from calls with an API key. A node caches the profiles that it shows, and receives changes over topics.
 */
export class Profiles implements ShownProfiles, FetchedProfiles {
  readonly #dependencies: Dependencies;
  readonly #settings: ProfileSettings;
  readonly #source: ProfileSource | null;
  readonly #noted: NotedProfiles;
  /** Increases whenever a profile in the cache changes or is removed, and whenever a write of a profile begins. */
  #version = 0;
  readonly #known = new LRUCache<string, KnownProfile>({
    max: MOST_KNOWN,
    dispose: () => {
      this.#version += 1;
    },
  });
  readonly #listeners: ProfileListener[] = [];
  /** The users whose profiles are read next. The read begins in a microtask. Users requested until then are added. */
  #requested = new Set<string>();
  #reading: Promise<void> | null = null;
  /** Users whose profiles a script is reading now. */
  readonly #inReading = new Set<string>();
  /** Unfinished writes, by user. */
  readonly #pending = new Map<string, Promise<void>>();
  /**
   * The users whose current profiles this node has not read yet, each with the profile that the node has shown instead, as
   * JSON. The shown profile was stored with an entry, message or member.
   */
  readonly #shownUnread = new Map<string, string>();
  /** Replies that wait for the fetch of a user's profile, as callbacks by user. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(dependencies: Dependencies, settings: ProfileSettings) {
    this.#dependencies = dependencies;
    this.#settings = settings;
    this.#noted = new NotedProfiles(dependencies, RENEW_MS);
    const { url } = settings;
    this.#source = url === null ? null : new ProfileSource({ ...settings, url }, this, dependencies);
  }

  /** Whether profiles come from the app's backend. */
  get isFetched(): boolean {
    return this.#source !== null;
  }

  async start(topics: Pick<Topics, "listen">): Promise<void> {
    const groups = Array.from({ length: PROFILE_GROUPS }, (_, number) => number);
    const { keys } = this.#dependencies;
    await Promise.all(
      groups.map((number) => {
        const { topic } = keys.profileGroup(number);
        const listener = {
          receive: (message: string) => this.#receive(message),
          resync: () => void this.#readAgain(topic),
        };
        return topics.listen(topic, listener);
      }),
    );
  }

  stop(): void {
    this.#source?.stop();
    this.#noted.stop();
  }

  onChanged(listener: ProfileListener): void {
    this.#listeners.push(listener);
  }

  show(value: unknown): Promise<void> | null {
    const unread = new Set<string>();
    visitProfiles(value, (user) => {
      if (!this.#isReady(user)) unread.add(user);
    });
    if (unread.size === 0) {
      this.#replace(value);
      return null;
    }
    return this.load(unread).then(() => this.#replace(value));
  }

  showKnown(value: unknown, onUser: (user: string) => void): void {
    visitProfiles(value, (user, object) => {
      onUser(user);
      const known = this.#get(user);
      if (known === undefined) {
        if (this.#shownUnread.size >= MOST_KNOWN) this.#shownUnread.clear();
        this.#shownUnread.set(user, textOf(object.profile));
        if (!this.#inReading.has(user)) void this.load([user]);
      } else if (saysProfile(known.text)) object.profile = known.profile;
    });
  }

  /**
   * Reads the profiles that are not in this node's cache, and waits for profiles that are being written. If profiles
   * come from the app's backend and Redis has no profile of a user, waits up to `waitMs` for the first fetch. Never rejects.
   */
  async load(users: Iterable<string>): Promise<void> {
    const unready = [...users].filter((user) => !this.#isReady(user));
    for (const user of unready) if (this.#pending.has(user)) this.#noted.hasten(user);
    await Promise.all(
      unready.map((user) => this.#pending.get(user) ?? (this.#known.has(user) ? null : this.#read(user))),
    );
    await Promise.all(
      unready.map((user) => {
        const known = this.#get(user);
        return known && this.#isToAwait(known) ? this.#firstFetch(user) : null;
      }),
    );
  }

  /** The user's profile in this node's cache, after `load`. */
  of(user: string): Profile | null {
    return this.#known.get(user)?.profile ?? null;
  }

  /** The current profiles of users. Profiles that are not in this node's cache are read first. */
  texts(users: readonly string[]): ProfileTexts | Promise<ProfileTexts> {
    let isReady = true;
    const texts = users.map((user) => {
      const known = this.#get(user);
      if (!this.#isReadyAs(user, known)) isReady = false;
      return known?.text;
    });
    if (isReady) return this.#textsOf(users, texts);
    return this.load(users).then(() =>
      this.#textsOf(
        users,
        users.map((user) => this.#known.peek(user)?.text),
      ),
    );
  }

  #textsOf(users: readonly string[], texts: readonly (string | undefined)[]): ProfileTexts {
    let version = this.#version;
    return {
      of: (at) => {
        const text = texts[at];
        return text !== undefined && saysProfile(text) ? text : null;
      },
      isCurrent: () => {
        // If profiles come from the app's backend, each user is checked even if no profile has changed. The check
        // (`#isReady`) also requests a fetch of each profile that is no longer fresh.
        if (version === this.#version && this.#source === null && !texts.includes(undefined)) return true;
        const now = this.#version;
        const isCurrent = users.every(
          (user, at) =>
            texts[at] !== undefined && this.#isReady(user) && this.#known.peek(user)?.text === texts[at],
        );
        if (isCurrent) version = now;
        return isCurrent;
      },
    };
  }

  note(caller: Caller): void {
    const profile = profileOf(caller);
    if (this.#source !== null || caller.kind !== "user" || profile === null) return;
    const { id, isGuest } = caller.user;
    const text = textOf(profile);
    const known = this.#known.get(id);
    const sinceMs = caller.credential?.issuedAt ?? 0;
    if (this.#pending.has(id) || (known && !mayReplace(known, text, sinceMs))) return;
    const ttlMs = isGuest ? GUEST_TTL_MS : TTL_MS;
    void this.#track(id, async () => {
      const startedAt = performance.now();
      const noted = await this.#noted.write({ user: id, text, sinceMs, ttlMs });
      if (!this.#isCachedSince(id, startedAt)) this.#cacheRecord(id, noted, noted.remainingMs);
    });
  }

  /**
   * Sets the profiles that a server sent with a write, such as a submit. Does nothing if profiles come from the app's
   * backend. Never rejects, because the write itself has succeeded.
   */
  async setMany(
    sent: readonly (readonly [string, Profile | null])[],
    idempotency: Idempotency | null,
  ): Promise<void> {
    if (this.#source !== null) return;
    const changed = new Map(
      sent.filter(([user, profile]) => this.#known.get(user)?.text !== textOf(profile)),
    );
    const ofProfile = partOf(idempotency, PROFILE_PART);
    await Promise.all(
      [...changed].map(([user, profile]) => this.#track(user, () => this.set(user, profile, ofProfile))),
    );
  }

  /** @throws {GrandstandError} `conflict` when the idempotency key was used with another input */
  async set(user: string, profile: Profile | null, idempotency: Idempotency | null): Promise<void> {
    const { scope, args } = idempotencyArguments(idempotency);
    const own = { ...args, profile: textOf(profile), ttlMs: TTL_MS };
    const [status, ...values] = await this.#run(scripts.setScript, user, own, scope);
    refuseReusedKey(status!);
    const { storedSince, storedProfile } = namedReply(scripts.setScript, status!, values);
    const known = this.#known.peek(user);
    if (known && Number(storedSince) < known.sinceMs) return;
    this.#cacheRecord(user, { sinceMs: Number(storedSince), text: storedProfile }, TTL_MS);
  }

  /**
   * Requests a new fetch of a profile, and waits up to `waitMs` for it. If profiles do not come from the app's backend, it
   * reads the profile from Redis again.
   */
  async invalidate(user: string, idempotency: Idempotency | null): Promise<void> {
    const { retainMs, freshMs } = this.#settings;
    const { scope, args } = idempotencyArguments(idempotency);
    if (this.#source !== null) {
      const own = { ...args, staleMs: retainMs - freshMs };
      const [status] = await this.#run(scripts.invalidateScript, user, own, scope);
      refuseReusedKey(status!);
    }
    if (this.#source === null) {
      await this.#readAll([user]);
      return;
    }
    if (!this.#known.has(user)) await this.#read(user);
    const arrived = this.#firstFetch(user);
    const known = this.#known.get(user);
    if (known) known.renewAt = 0;
    this.#get(user);
    await arrived;
  }

  async erase(user: string): Promise<number> {
    const [, erased] = await this.#run(scripts.eraseScript, user, {});
    return Number(erased);
  }

  /** The user's profile in Redis; null when Redis has none. */
  async stored(user: string): Promise<{ profile: Profile | null; since: string } | null> {
    const { redis, keys } = this.#dependencies;
    const { sinceMs, text } = recordOf((await redis.get(keys.profile(user).record)) ?? "");
    return saysProfile(text) ? { profile: profileIn(text), since: new Date(sinceMs).toISOString() } : null;
  }

  async claim(user: string, token: string): Promise<boolean> {
    const { claimMs, retainMs, freshMs, unknownMs } = this.#settings;
    const startedAt = performance.now();
    const [status, ...values] = await this.#run(scripts.claimScript, user, {
      token,
      claimMs,
      retainMs,
      freshMs,
      unknownMs,
    });
    const { isMine, record, remainingMs } = namedReply(scripts.claimScript, status!, values);
    if (isMine === "1") return true;
    if (!this.#isCachedSince(user, startedAt)) this.#cacheRecord(user, recordOf(record), Number(remainingMs));
    return false;
  }

  async keep(user: string, token: string, text: string): Promise<void> {
    const { retainMs } = this.#settings;
    const [status, ...values] = await this.#run(scripts.keepScript, user, { token, profile: text, retainMs });
    const { isKept, storedSince } = namedReply(scripts.keepScript, status!, values);
    if (isKept === "1") this.#cacheRecord(user, { sinceMs: Number(storedSince), text }, retainMs);
  }

  #isReady(user: string): boolean {
    return this.#isReadyAs(user, this.#get(user));
  }

  #isReadyAs(user: string, known: KnownProfile | undefined): boolean {
    return known !== undefined && !this.#pending.has(user) && !this.#isToAwait(known);
  }

  /** Whether a reply waits for the first fetch of a profile: Redis has none, and no reply has waited before. */
  #isToAwait({ text, wasAwaited }: KnownProfile): boolean {
    return this.#source !== null && text === "" && !wasAwaited;
  }

  /** Reads the cache. Requests a fetch of a profile that is no longer fresh; meanwhile the old one is shown. */
  #get(user: string): KnownProfile | undefined {
    // Unlike `peek`, `get` records the order of use for the eviction. The recording costs more than the look-up itself,
    // so it begins when the cache is half full.
    const known = this.#known.size * 2 < MOST_KNOWN ? this.#known.peek(user) : this.#known.get(user);
    if (known === undefined || this.#source === null) return known;
    const now = performance.now();
    if (now >= known.renewAt) {
      known.renewAt = now + this.#settings.retryMs;
      this.#source.want(user);
    }
    return known;
  }

  #replace(value: unknown): void {
    visitProfiles(value, (user, object) => {
      const known = this.#known.get(user);
      if (known && saysProfile(known.text)) object.profile = known.profile;
    });
  }

  /** Registers a write as pending until it ends, so that replies wait for it. Logs a failure and does not reject. */
  #track(user: string, task: () => Promise<void>): Promise<void> {
    const pending = task()
      .catch((error: unknown) => {
        this.#dependencies.log[levelOf(error)]({ err: error, user }, "a profile could not be written");
      })
      .finally(() => {
        if (this.#pending.get(user) === pending) this.#pending.delete(user);
      });
    this.#pending.set(user, pending);
    this.#version += 1;
    return pending;
  }

  /** Reads a profile, together with all others that are requested until the read begins in a microtask. Never rejects. */
  #read(user: string): Promise<void> {
    this.#requested.add(user);
    this.#reading ??= Promise.resolve().then(async () => {
      const users = [...this.#requested];
      this.#requested = new Set();
      this.#reading = null;
      await this.#readAll(users);
    });
    const { log } = this.#dependencies;
    return this.#reading.catch((error: unknown) => {
      log[levelOf(error)]({ err: error }, "profiles could not be read");
    });
  }

  async #readAll(users: readonly string[]): Promise<void> {
    const { keys } = this.#dependencies;
    const groups = new Map<string, string[]>();
    for (const user of users) {
      const { tag } = keys.profile(user);
      groups.set(tag, [...(groups.get(tag) ?? []), user]);
    }
    await Promise.all([...groups.values()].map((group) => this.#readGroup(group)));
  }

  /** @param users users of one group: their keys share a hash tag (PROFILE_GROUPS) */
  async #readGroup(users: readonly string[]): Promise<void> {
    const { redis, keys } = this.#dependencies;
    for (let from = 0; from < users.length; from += USERS_PER_READ) {
      const run = users.slice(from, from + USERS_PER_READ);
      const named = run.map((user) => keys.profile(user));
      const startedAt = performance.now();
      for (const user of run) this.#inReading.add(user);
      try {
        const reply = (await runScript(redis, scripts.readScript, { users: named }, {})) as string[];
        run.forEach((user, at) => {
          if (this.#isCachedSince(user, startedAt)) return;
          this.#cacheReadRecord(user, recordOf(reply[1 + 2 * at]!), Number(reply[2 + 2 * at]));
        });
      } finally {
        for (const user of run) this.#inReading.delete(user);
      }
    }
  }

  /**
   * Whether this node has cached a profile since a command was sent, for example because a topic announced a change. If
   * so, the command's reply may be older than the cached profile.
   */
  #isCachedSince(user: string, startedAt: number): boolean {
    return (this.#known.peek(user)?.cachedAt ?? 0) > startedAt;
  }

  #cacheReadRecord(user: string, record: ReturnType<typeof recordOf>, remainingMs: number): void {
    const before = this.#known.peek(user);
    // If Redis has lost the record, no listener is called, so clients keep what they show.
    if (record.text === "" && before && saysProfile(before.text)) this.#known.delete(user);
    else this.#cacheRecord(user, record, remainingMs);
  }

  /** Reads the cached profiles of a group again, because messages of its topic may have been lost. */
  async #readAgain(topic: string): Promise<void> {
    const { keys, log } = this.#dependencies;
    const users = [...this.#known.keys()].filter((user) => keys.profile(user).topic === topic);
    try {
      for (let at = 0; at < users.length; at += USERS_PER_READ) {
        await this.#readAll(users.slice(at, at + USERS_PER_READ));
      }
    } catch (error) {
      // A profile that is not in the cache is read when it is shown next.
      for (const user of users) this.#known.delete(user);
      log[levelOf(error)]({ err: error }, "profiles could not be read again");
    }
  }

  #receive(message: string): void {
    const [since, user, text] = message.split("\n") as [string, string, string];
    const known = this.#known.peek(user);
    if (text === "stale") {
      if (known) known.renewAt = 0;
      return;
    }
    // A message does not make a node cache the profile of a user whom the node has not shown.
    const isPending = this.#inReading.has(user) || this.#pending.has(user);
    const isWanted = isPending || this.#shownUnread.has(user) || this.#waiting.has(user);
    if (!known && !isWanted) return;
    if (known && Number(since) < known.sinceMs) return;
    this.#cacheRecord(user, { sinceMs: Number(since), text }, this.#settings.retainMs);
  }

  /**
   * Caches a profile, and calls the listeners if it differs from what this node has shown.
   * @param remainingMs the remaining TTL of the record
   */
  #cacheRecord(
    user: string,
    { sinceMs, text }: { sinceMs: number; text: string },
    remainingMs: number,
  ): void {
    const before = this.#known.peek(user);
    const shownText = before ? before.text : this.#shownUnread.get(user);
    const now = performance.now();
    const profile = before?.text === text ? before.profile : profileIn(text);
    const renewAt = now + this.#renewInMs(text, remainingMs);
    const wasAwaited = before?.wasAwaited ?? false;
    this.#known.set(user, { text, profile, sinceMs, cachedAt: now, renewAt, wasAwaited });
    this.#shownUnread.delete(user);
    if (text !== "") for (const arrived of this.#waiting.get(user) ?? []) arrived();
    const isNews = saysProfile(text) || (before !== undefined && saysProfile(before.text));
    const isRename = shownText !== undefined && saysProfile(shownText);
    if (isNews && shownText !== undefined && shownText !== text) {
      for (const listener of this.#listeners) listener(user, profile, isRename);
    }
  }

  #renewInMs(text: string, remainingMs: number): number {
    const { retainMs, freshMs, unknownMs } = this.#settings;
    if (this.#source === null) {
      const ttlMs = remainingMs > GUEST_TTL_MS ? TTL_MS : GUEST_TTL_MS;
      return remainingMs - (ttlMs - RENEW_MS);
    }
    if (text === "") return 0;
    return (text === UNKNOWN ? unknownMs : freshMs) - (retainMs - remainingMs);
  }

  /** Waits until a profile has been fetched, but at most `waitMs`. */
  #firstFetch(user: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(user) ?? new Set();
      const end = () => {
        clearTimeout(timer);
        waiting.delete(end);
        const known = this.#known.peek(user);
        if (known) known.wasAwaited = true;
        if (waiting.size === 0) this.#waiting.delete(user);
        resolve();
      };
      const timer = setTimeout(end, this.#settings.waitMs);
      this.#waiting.set(user, waiting.add(end));
    });
  }

  async #run(
    script: Parameters<typeof runScript>[1],
    user: string,
    args: object,
    scope = "none",
  ): Promise<string[]> {
    const { redis, keys, publishCommand } = this.#dependencies;
    const { record, fetch, topic, firstReply } = keys.profile(user);
    const names = { record, fetch, topic, firstReply: firstReply(scope) };
    return (await runScript(redis, script, names, { publishCommand, user, ...args } as never)) as string[];
  }
}

/**
 * Whether to write the profile in a credential to Redis. A profile that differs from the known one is written if it is
 * newer, or if Redis had none. A profile that equals the known one is written again if the record is old.
 * @param sinceMs when the credential was issued
 */
function mayReplace(known: KnownProfile, text: string, sinceMs: number): boolean {
  if (known.text === text) return performance.now() >= known.renewAt;
  return known.text === "" || sinceMs > known.sinceMs;
}
