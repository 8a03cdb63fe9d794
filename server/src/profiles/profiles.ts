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
import { visitHolders } from "./holders.js";
import { type KnownProfile, profileIn, recordOf, saysProfile, textOf, UNKNOWN } from "./known-profile.js";
import { NotedProfiles } from "./noted-profiles.js";
import { type FetchedProfiles, ProfileSource } from "./profile-source.js";
import * as scripts from "./scripts.js";
import type { ProfileListener, ProfileTexts, ShownProfiles } from "./shown-profiles.js";

/** How many profiles a node remembers. */
const MOST_KNOWN = 200_000;
/** How many profiles one script reads: a longer run would block Redis. */
const USERS_PER_READ = 500;
const DAY_MS = 86_400_000;
/** How long a profile is kept after the user was last seen with it. */
const TTL_MS = 400 * DAY_MS;
const GUEST_TTL_MS = 30 * DAY_MS;
/** How often a node renews that time for a user who is seen. */
const RENEW_MS = DAY_MS;

/** The part of an idempotency key that states profiles. */
const PROFILE_PART = -1;

interface Dependencies {
  redis: RedisCommands;
  keys: Keys;
  publishCommand: string;
  log: Logger;
  observer: Observer;
}

/**
 * The profiles of users. A profile belongs to the user, not to what the user wrote: entries, messages and members are stored
 * with the profile of that moment, and are shown with the present one. Profiles come from credentials and from servers, or
 * from the app's backend. A node remembers those it shows, and learns of changes by topics.
 */
export class Profiles implements ShownProfiles, FetchedProfiles {
  readonly #dependencies: Dependencies;
  readonly #settings: ProfileSettings;
  readonly #source: ProfileSource | null;
  readonly #noted: NotedProfiles;
  /** Changes whenever something that was known of a user changes, is forgotten or is about to change. */
  #version = 0;
  readonly #known = new LRUCache<string, KnownProfile>({
    max: MOST_KNOWN,
    dispose: () => {
      this.#version += 1;
    },
  });
  readonly #listeners: ProfileListener[] = [];
  /** Users to read, and the run that reads them with all that are asked for in the same turn. */
  #asked = new Set<string>();
  #reading: Promise<void> | null = null;
  /** Users whose profiles are being read. */
  readonly #inReading = new Set<string>();
  /** Reads and writes that have not ended, by user. */
  readonly #pending = new Map<string, Promise<void>>();
  /** What was shown of users whom this node did not know, as text. */
  readonly #shownUnread = new Map<string, string>();
  /** Called when a profile that is fetched for the first time has arrived. */
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
    visitHolders(value, (user) => {
      if (!this.#isReady(user)) unread.add(user);
    });
    if (unread.size === 0) {
      this.#replace(value);
      return null;
    }
    return this.load(unread).then(() => this.#replace(value));
  }

  showKnown(value: unknown, onUser: (user: string) => void): void {
    visitHolders(value, (user, holder) => {
      onUser(user);
      const known = this.#get(user);
      if (known === undefined) {
        if (this.#shownUnread.size >= MOST_KNOWN) this.#shownUnread.clear();
        this.#shownUnread.set(user, textOf(holder.profile));
        if (!this.#inReading.has(user)) void this.load([user]);
      } else if (saysProfile(known.text)) holder.profile = known.profile;
    });
  }

  /**
   * Reads the profiles that this node does not know, all in one round trip. Those that the app's backend was never asked for
   * are waited for, for a moment.
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

  /** How a user is shown, as far as this node knows after `load`. */
  of(user: string): Profile | null {
    return this.#known.get(user)?.profile ?? null;
  }

  /** The present profiles of users. Those that this node does not know are read first. */
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
        // With a source, what is known may have to be fetched again meanwhile.
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
      if (!this.#hasLearnedSince(id, startedAt)) this.#learn(id, noted, noted.remainingMs);
    });
  }

  /**
   * A server stated profiles with what it wrote. Profiles from the app's backend take precedence. Never rejects: what was
   * written with them is not undone.
   */
  async state(
    stated: readonly (readonly [string, Profile | null])[],
    idempotency: Idempotency | null,
  ): Promise<void> {
    if (this.#source !== null) return;
    const changed = new Map(
      stated.filter(([user, profile]) => this.#known.get(user)?.text !== textOf(profile)),
    );
    const ofProfile = partOf(idempotency, PROFILE_PART);
    await Promise.all(
      [...changed].map(([user, profile]) => this.#track(user, () => this.set(user, profile, ofProfile))),
    );
  }

  /** @throws {GrandstandError} `conflict` when the idempotency key was used with another input */
  async set(user: string, profile: Profile | null, idempotency: Idempotency | null): Promise<void> {
    await this.#write(user, textOf(profile), "", TTL_MS, idempotency);
  }

  /** Has a profile fetched again, and waits for it for a moment. */
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

  /** What is stored of a user's profile; null when nothing is. */
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
    if (!this.#hasLearnedSince(user, startedAt)) this.#learn(user, recordOf(record), Number(remainingMs));
    return false;
  }

  async keep(user: string, token: string, text: string): Promise<void> {
    const { retainMs } = this.#settings;
    const [status, ...values] = await this.#run(scripts.keepScript, user, { token, profile: text, retainMs });
    const { isKept, sinceNow } = namedReply(scripts.keepScript, status!, values);
    if (isKept === "1") this.#learn(user, { sinceMs: Number(sinceNow), text }, retainMs);
  }

  #isReady(user: string): boolean {
    return this.#isReadyAs(user, this.#get(user));
  }

  #isReadyAs(user: string, known: KnownProfile | undefined): boolean {
    return known !== undefined && !this.#pending.has(user) && !this.#isToAwait(known);
  }

  /** Whether the app's backend was never asked, and no reply has waited for it. */
  #isToAwait({ text, wasAwaited }: KnownProfile): boolean {
    return this.#source !== null && text === "" && !wasAwaited;
  }

  /** Requests a new fetch of a profile that is no longer fresh; until it arrives the old one is shown. */
  #get(user: string): KnownProfile | undefined {
    // The order of use matters only where some will have to be forgotten, and costs more than the look-up.
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
    visitHolders(value, (user, holder) => {
      const known = this.#known.get(user);
      if (known && saysProfile(known.text)) holder.profile = known.profile;
    });
  }

  /** Keeps a task of a user until it ends, so that replies wait for it. A failure is logged: what is shown may be old. */
  #track(user: string, task: () => Promise<void>): Promise<void> {
    const pending = task()
      .catch((error: unknown) => {
        this.#dependencies.log[levelOf(error)](
          { err: error, user },
          "a profile could not be read or written",
        );
      })
      .finally(() => {
        if (this.#pending.get(user) === pending) this.#pending.delete(user);
      });
    this.#pending.set(user, pending);
    this.#version += 1;
    return pending;
  }

  /** Reads a profile with all others that are asked for in the same turn. Never rejects. */
  #read(user: string): Promise<void> {
    this.#asked.add(user);
    this.#reading ??= Promise.resolve().then(async () => {
      const users = [...this.#asked];
      this.#asked = new Set();
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

  /** @param users of one group */
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
          if (this.#hasLearnedSince(user, startedAt)) return;
          this.#learnRead(user, recordOf(reply[1 + 2 * at]!), Number(reply[2 + 2 * at]));
        });
      } finally {
        for (const user of run) this.#inReading.delete(user);
      }
    }
  }

  /** A message that arrived during a command is later than the reply may be. */
  #hasLearnedSince(user: string, startedAt: number): boolean {
    return (this.#known.peek(user)?.learnedAt ?? 0) > startedAt;
  }

  #learnRead(user: string, record: ReturnType<typeof recordOf>, remainingMs: number): void {
    const before = this.#known.peek(user);
    // Redis has lost it. What is on screens stays as it is.
    if (record.text === "" && before && saysProfile(before.text)) this.#known.delete(user);
    else this.#learn(user, record, remainingMs);
  }

  /** Messages of a group may have been lost. */
  async #readAgain(topic: string): Promise<void> {
    const { keys, log } = this.#dependencies;
    const users = [...this.#known.keys()].filter((user) => keys.profile(user).topic === topic);
    try {
      for (let at = 0; at < users.length; at += USERS_PER_READ) {
        await this.#readAll(users.slice(at, at + USERS_PER_READ));
      }
    } catch (error) {
      // Unknown profiles are read when they are shown next.
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
    // A node that shows no such user need not know.
    const isAsked = this.#inReading.has(user) || this.#pending.has(user);
    const isWanted = isAsked || this.#shownUnread.has(user) || this.#waiting.has(user);
    if (!known && !isWanted) return;
    if (known && Number(since) < known.sinceMs) return;
    this.#learn(user, { sinceMs: Number(since), text }, this.#settings.retainMs);
  }

  /** @param remainingMs the remaining time of the record */
  #learn(user: string, { sinceMs, text }: { sinceMs: number; text: string }, remainingMs: number): void {
    const before = this.#known.peek(user);
    const shownText = before ? before.text : this.#shownUnread.get(user);
    const now = performance.now();
    const profile = before?.text === text ? before.profile : profileIn(text);
    const renewAt = now + this.#renewInMs(text, remainingMs);
    const wasAwaited = before?.wasAwaited ?? false;
    this.#known.set(user, { text, profile, sinceMs, learnedAt: now, renewAt, wasAwaited });
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

  /** Waits until a profile has been fetched, for a moment. */
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

  async #write(
    user: string,
    text: string,
    sinceMs: number | "",
    ttlMs: number,
    idempotency: Idempotency | null,
  ): Promise<void> {
    const { scope, args } = idempotencyArguments(idempotency);
    const own = { ...args, profile: text, sinceMs, ttlMs };
    const [status, ...values] = await this.#run(scripts.stateScript, user, own, scope);
    refuseReusedKey(status!);
    const { sinceNow, profileNow } = namedReply(scripts.stateScript, status!, values);
    const known = this.#known.peek(user);
    if (known && Number(sinceNow) < known.sinceMs) return;
    this.#learn(user, { sinceMs: Number(sinceNow), text: profileNow }, TTL_MS);
  }

  async #run(
    script: Parameters<typeof runScript>[1],
    user: string,
    args: object,
    scope = "none",
  ): Promise<string[]> {
    const { redis, keys, publishCommand } = this.#dependencies;
    const { record, fetch, topic, answer } = keys.profile(user);
    const names = { record, fetch, topic, answer: answer(scope) };
    return (await runScript(redis, script, names, { publishCommand, user, ...args } as never)) as string[];
  }
}

/** Whether a credential that was issued at `sinceMs` is to be written: it says something new, or the record is old. */
function mayReplace(known: KnownProfile, text: string, sinceMs: number): boolean {
  if (known.text === text) return performance.now() >= known.renewAt;
  return known.text === "" || sinceMs > known.sinceMs;
}
