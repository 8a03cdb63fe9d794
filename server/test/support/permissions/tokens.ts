import type { Caller } from "../../../src/core/caller.js";
import { newGuest } from "../accounts.js";
import { dataOf } from "../acks.js";
import type { Client } from "../drivers/driver.js";
import { freshId } from "../names.js";
import { tokenFor } from "../tokens.js";

/** Makes the credentials of callers, as an app does. */
export class TokensOfCallers {
  readonly #url: string;
  readonly #server: Client;
  /** A key has scopes for good, so that it can serve many calls. */
  readonly #keys = new Map<string, Promise<string>>();

  /** @param server calls with an API key that may do everything */
  constructor(url: string, server: Client) {
    this.#url = url;
    this.#server = server;
  }

  /** @returns null for nobody; a guest's is of a guest with another id. */
  async of(caller: Caller | null): Promise<string | null> {
    if (caller === null || caller.kind === "nobody") return null;
    if (caller.kind === "server") return this.#keyWith(caller.scopes ?? ["*"]);
    const { user, caps, role } = caller;
    if (user.isGuest) return (await newGuest(this.#url, user.name ?? undefined)).token;
    return tokenFor(user.id, { name: user.name, caps: caps ?? null, role: role ?? null });
  }

  #keyWith(scopes: readonly string[]): Promise<string> {
    const name = scopes.join(" ");
    const key = this.#keys.get(name) ?? this.#make(scopes);
    this.#keys.set(name, key);
    return key;
  }

  async #make(scopes: readonly string[]): Promise<string> {
    const { secret } = dataOf(await this.#server.call("key.create", { name: freshId("key"), scopes }));
    return secret;
  }
}
