import type { Logger } from "pino";
import type { ProfileSettings } from "../config/config.js";
import type { Observer, ProfileOutcome } from "../observer/observer.js";
import { Outbound } from "../outbound/request.js";
import { profileOfResponse, textOf, UNKNOWN } from "./known-profile.js";

/** The greatest size of a response. A longer response is invalid. */
const RESPONSE_BYTES = 16_384;
/** The greatest number of fetches that one node makes at the same time. */
const FETCHES_AT_ONCE = 8;
/**
 * The greatest number of users who wait for a fetch. `want` ignores further users. profiles.ts later calls `want` again for
 * an ignored user: at the first read of the profile that is at least `settings.retryMs` after the ignored call.
 */
const MOST_WANTED = 10_000;
const LONGEST_PAUSE_MS = 30_000;

/** Stores fetched profiles for all nodes. Only one node at a time fetches a user's profile. */
export interface FetchedProfiles {
  /** @returns whether this node should fetch the profile: it is not fresh, and no other node fetches it */
  claim(user: string, token: string): Promise<boolean>;
  keep(user: string, token: string, text: string): Promise<void>;
}

/** The backend as a whole does not work, in contrast to an invalid response for one user. */
class SourceDown extends Error {}

/** Fetches profiles from the app's backend. After each failure of the backend, fetching pauses twice as long as before. */
export class ProfileSource {
  readonly #settings: ProfileSettings & { url: string };
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #profiles: FetchedProfiles;
  // No address guard: the operator configured the host, so it may be in a private network.
  readonly #outbound = new Outbound(null);
  readonly #wanted = new Set<string>();
  readonly #stopping = new AbortController();
  #fetching = 0;
  #failures = 0;
  #pause: NodeJS.Timeout | null = null;

  constructor(
    settings: ProfileSettings & { url: string },
    profiles: FetchedProfiles,
    { log, observer }: { log: Logger; observer: Observer },
  ) {
    this.#settings = settings;
    this.#profiles = profiles;
    this.#log = log;
    this.#observer = observer;
  }

  /** Asks for a profile to be fetched soon, if it is not fresh. */
  want(user: string): void {
    if (this.#wanted.size < MOST_WANTED) this.#wanted.add(user);
    this.#fetchNext();
  }

  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#pause ?? undefined);
    this.#wanted.clear();
    this.#outbound.close();
  }

  #fetchNext(): void {
    for (const user of this.#wanted) {
      if (this.#pause !== null || this.#fetching >= FETCHES_AT_ONCE || this.#stopping.signal.aborted) return;
      this.#wanted.delete(user);
      this.#fetching += 1;
      void this.#refresh(user).finally(() => {
        this.#fetching -= 1;
        this.#fetchNext();
      });
    }
  }

  async #refresh(user: string): Promise<void> {
    try {
      const token = crypto.randomUUID();
      if (!(await this.#profiles.claim(user, token))) return;
      const text = await this.#fetch(user);
      this.#noteUp();
      await this.#profiles.keep(user, token, text);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      if (error instanceof SourceDown) this.#noteDown(error);
      else this.#log.debug({ reason: (error as Error).message, user }, "a profile could not be fetched");
    }
  }

  async #fetch(user: string): Promise<string> {
    const startedAt = performance.now();
    const note = (outcome: ProfileOutcome) =>
      this.#observer.note("profileFetched", { outcome, ms: performance.now() - startedAt });
    try {
      const text = await this.#ask(user);
      note(text === UNKNOWN ? "unknown" : "found");
      return text;
    } catch (error) {
      if (!this.#stopping.signal.aborted) note(error instanceof SourceDown ? "failed" : "invalid");
      throw error;
    }
  }

  async #ask(user: string): Promise<string> {
    const { url, secret, fetchMs } = this.#settings;
    const { status, body, isCut } = await this.#outbound
      .send({
        method: "GET",
        url: new URL(url.replaceAll("{user}", encodeURIComponent(user))),
        headers: {
          accept: "application/json",
          ...(secret !== null && { authorization: `Bearer ${secret}` }),
        },
        timeoutMs: fetchMs,
        limitBytes: RESPONSE_BYTES,
        signal: this.#stopping.signal,
      })
      .catch((error: NodeJS.ErrnoException) => {
        // The message of an error with a code comes from Node and may quote received bytes, so only its code is logged. An
        // error without a code comes from `Outbound`, such as a timeout. Its message is safe.
        throw new SourceDown(
          error.code === undefined ? error.message : `the connection failed: ${error.code}`,
        );
      });
    if (status === 404 || status === 410) return UNKNOWN;
    if (status !== 200) throw new SourceDown(`the response has the status ${status}`);
    if (isCut) throw new Error(`the response is longer than ${RESPONSE_BYTES} bytes`);
    return textOf(profileOfResponse(body));
  }

  #noteUp(): void {
    if (this.#failures > 0) this.#log.info("profiles can be fetched again");
    this.#failures = 0;
  }

  #noteDown({ message }: Error): void {
    if (this.#failures === 0)
      this.#log.warn({ reason: message }, "profiles can't be fetched from the app's backend");
    // Fetches that ran at the same time fail at the same time. They count as one failure.
    if (this.#pause !== null) return;
    this.#failures += 1;
    const pauseMs = Math.min(this.#settings.pauseMs * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#fetchNext();
    }, pauseMs).unref();
  }
}
