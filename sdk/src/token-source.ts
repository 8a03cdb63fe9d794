import { GrandstandError } from "@grandstand/shared/errors";
import type { Welcome } from "@grandstand/shared/frames";

/**
 * A token, or a function that returns one. The client calls the function when it has no token, when the
 * server refused the last token, and before the last token expires. If the function returns null, nobody is
 * signed in, and the client closes.
 */
export type Token = string | (() => string | null | Promise<string | null>);

/**
 * A token that expires within this time is not used for a new connection; the token function is called
 * instead.
 */
const MARGIN_MS = 10_000;
/** After the server has refused the same token this often, the client gives up. */
const REFUSALS = 3;
/** The delays between a refusal and the next call of the function, by the number of refusals in a row. */
const REFUSED_MS = [1_000, 3_000, 10_000, 30_000, 60_000];
/** How long the token function may take. */
const FUNCTION_MS = 20_000;

/** Gives the token for each attempt to connect, and remembers it while the server accepts it. */
export class TokenSource {
  readonly #token: Token | null;
  #known: string | null = null;
  /** When the token expires, on the monotonic clock, because the wall clock of the client may be wrong. */
  #expiresAt = Number.POSITIVE_INFINITY;
  /** The server's time at the moment when the monotonic clock of the client was 0, in ms since 1970. */
  #serverZeroAt = 0;
  #lastRefused: string | null = null;
  /** How many times in a row the server has refused any token. */
  #refusals = 0;
  /** How many times in a row the server has refused the token that it refused last. */
  #refusalsOfLast = 0;

  /** @param token null for the session cookie of the browser */
  constructor(token: Token | null) {
    this.#token = token;
  }

  /** Whether calling the token function again may help. */
  get canGiveAnother(): boolean {
    return typeof this.#token === "function" && this.#refusalsOfLast < REFUSALS;
  }

  /**
   * @returns null for the session cookie
   * @throws what the token function throws; `NoToken` if it returns null; `unavailable` if it returns no text or
   * takes too long
   */
  async get(): Promise<string | null> {
    if (typeof this.#token !== "function") return this.#token;
    const isUsable = this.#known !== null && performance.now() < this.#expiresAt - MARGIN_MS;
    return isUsable ? this.#known : this.renew();
  }

  /** Calls the token function even if the last token is still valid. */
  async renew(): Promise<string> {
    if (typeof this.#token !== "function") throw new TypeError("There is no token function");
    const token: unknown = await withinTime(Promise.resolve(this.#token()));
    if (token === null) throw new NoToken("unauthenticated", "The token function returned null");
    if (typeof token !== "string" || token.trim() === "") {
      throw new GrandstandError("unavailable", "The token function must return a non-empty string");
    }
    this.#known = token;
    this.#expiresAt = Number.POSITIVE_INFINITY;
    return token;
  }

  /** The server accepted the last token. */
  accepted({ expiresAt, serverTime }: Partial<Pick<Welcome, "expiresAt" | "serverTime">>): void {
    this.#refusals = 0;
    this.#refusalsOfLast = 0;
    this.#lastRefused = null;
    if (serverTime !== undefined) this.#serverZeroAt = Date.parse(serverTime) - performance.now();
    if (expiresAt !== undefined) this.#expiresAt = Date.parse(expiresAt) - this.#serverZeroAt;
  }

  /** The server refused the last token. @returns how long to wait before the next attempt, in milliseconds */
  refused(): number {
    const waitMs = REFUSED_MS[Math.min(this.#refusals, REFUSED_MS.length - 1)] as number;
    this.#refusals += 1;
    this.#refusalsOfLast = this.#known === this.#lastRefused ? this.#refusalsOfLast + 1 : 1;
    this.#lastRefused = this.#known;
    this.#known = null;
    return waitMs * (0.75 + Math.random() / 2);
  }

  /**
   * The last token has expired: the next attempt calls the token function. This does not count as a refusal.
   */
  expired(): void {
    this.#known = null;
  }
}

/** The token function returned null, because nobody is signed in. The client does not try again. */
export class NoToken extends GrandstandError {}

function withinTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new GrandstandError("unavailable", "The token function did not return in time");
    const timer = setTimeout(() => reject(late), FUNCTION_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
