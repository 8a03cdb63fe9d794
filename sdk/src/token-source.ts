import { GrandstandError } from "@grandstand/shared/errors";
import type { Welcome } from "@grandstand/shared/frames";

/**
 * A token, or a function that returns one. The client calls the function when it has no token, when the server refused
 * the last one, and before it expires. A function that returns null ends the client: nobody is signed in.
 */
export type Token = string | (() => string | null | Promise<string | null>);

/** A token is renewed this long before its expiry, rather than used for one more connection. */
const MARGIN_MS = 10_000;
/** How often the server may refuse one and the same token before the client gives up. */
const REFUSALS = 3;
/** Waits after refusals in a row, before the function is called again; the last one repeats. */
const REFUSED_MS = [1_000, 3_000, 10_000, 30_000, 60_000];
/** How long the token function may take. */
const FUNCTION_MS = 20_000;

/** Gives the token for each attempt to connect, and remembers it while the server accepts it. */
export class TokenSource {
  readonly #token: Token | null;
  #known: string | null = null;
  /** By the monotonic clock: the clock of the client may be wrong. */
  #expiresAt = Number.POSITIVE_INFINITY;
  /** The time on the server when the monotonic clock was 0, in ms since 1970. */
  #serverZeroAt = 0;
  #lastRefused: string | null = null;
  /** How often in a row the server refused a token, and how often the last one of them. */
  #refusals = 0;
  #refusalsOfLast = 0;

  /** @param token null for the session cookie of the browser */
  constructor(token: Token | null) {
    this.#token = token;
  }

  /** Whether another call may give another token than the last one. */
  get canGiveAnother(): boolean {
    return typeof this.#token === "function" && this.#refusalsOfLast < REFUSALS;
  }

  /**
   * @returns null for the session cookie
   * @throws what the token function throws; `NoToken` if it returns null
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

  /** The server refused the last token. @returns how long to wait before another one is asked for, in milliseconds */
  refused(): number {
    const waitMs = REFUSED_MS[Math.min(this.#refusals, REFUSED_MS.length - 1)] as number;
    this.#refusals += 1;
    this.#refusalsOfLast = this.#known === this.#lastRefused ? this.#refusalsOfLast + 1 : 1;
    this.#lastRefused = this.#known;
    this.#known = null;
    return waitMs * (0.75 + Math.random() / 2);
  }

  /** The last token has expired; that is no refusal. */
  expired(): void {
    this.#known = null;
  }
}

/** Nobody is signed in: there is nothing to try again. */
export class NoToken extends GrandstandError {}

function withinTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new GrandstandError("unavailable", "The token function did not return in time");
    const timer = setTimeout(() => reject(late), FUNCTION_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
