import type { Caller } from "../../../src/core/caller.js";
import { newGuest } from "../accounts.js";
import { dataOf } from "../acks.js";
import type { Client } from "../drivers/driver.js";
import { freshId } from "../names.js";
import { tokenFor } from "../tokens.js";

/** Creates credentials for callers, in the way that an app's server does. */
export class CallerTokens {
  readonly #url: string;
  readonly #server: Client;
  /** One key for each set of scopes, shared by all calls. */
  readonly #keys = new Map<string, Promise<string>>();

  /** @param server a client with an API key that has all scopes */
  constructor(url: string, server: Client) {
    this.#url = url;
    this.#server = server;
  }

  /** @returns a token of the caller; null for a caller without credentials. Each call for a guest creates a new guest. */
  async for(caller: Caller | null): Promise<string | null> {
    if (caller === null || caller.kind === "nobody") return null;
    if (caller.kind === "server") return this.#keyWith(caller.scopes ?? ["*"]);
    const { user, caps, role } = caller;
    if (user.isGuest) return (await newGuest(this.#url, user.name ?? undefined)).token;
    return tokenFor(user.id, { name: user.name, caps: caps ?? null, role: role ?? null });
  }

  #keyWith(scopes: readonly string[]): Promise<string> {
    const name = scopes.join(" ");
    const key = this.#keys.get(name) ?? this.#createKey(scopes);
    this.#keys.set(name, key);
    return key;
  }

  async #createKey(scopes: readonly string[]): Promise<string> {
    const { secret } = dataOf(await this.#server.call("key.create", { name: freshId("key"), scopes }));
    return secret;
  }
}
