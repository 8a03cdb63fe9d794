import { GrandstandError } from "@grandstand/shared/errors";
import type { Address, TransportName } from "./options.js";
import { loadedTransport, type OpenTransport } from "./transport.js";
import { webSocketTransport } from "./websocket-transport.js";

/** A way to the server: a WebSocket, or Socket.IO that begins with either a WebSocket or long-polling. */
export interface Route {
  /** For the debug log. */
  name: string;
  open: OpenTransport;
}

/** How long a route stays last in the order after the network has blocked it. */
const BLOCKED_MS = 5 * 60_000;

/**
 * A route over Socket.IO. The code of Socket.IO is loaded when it is first used, because most clients never
 * need it.
 */
function socketIo(name: string, transports: ("websocket" | "polling")[]): Route {
  const load = async () => (await import("./socketio-transport.js")).socketIoTransport(transports);
  return { name, open: loadedTransport(load) };
}

/**
 * The routes of a client: a preferred route, and a fallback for networks that block the preferred route. All
 * clients of the page remember that a route is blocked, also after a reload in the same tab.
 */
export class Routes {
  readonly #preferred: Route;
  readonly #fallback: Route | null;
  readonly #memory: BlockedMemory;
  #hasWorked = false;
  #failures = 0;

  /** @throws {GrandstandError} `bad_request` if the runtime has no WebSocket and the client may use nothing else */
  constructor(address: Address, transport: TransportName, WebSocketClass: typeof WebSocket | undefined) {
    const implementation = WebSocketClass ?? (globalThis.WebSocket as typeof WebSocket | undefined);
    if (transport === "websocket" && !implementation) {
      const message = "is needed, because this runtime has no WebSocket";
      throw new GrandstandError("bad_request", `webSocket ${message}`, {
        issues: [{ path: "webSocket", rule: "option", message }],
      });
    }
    this.#preferred =
      implementation && transport !== "socketio"
        ? { name: "websocket", open: webSocketTransport(implementation) }
        : socketIo("socketio", ["websocket"]);
    // The fallback begins with long-polling, which hardly any network blocks. Engine.IO then upgrades to a
    // WebSocket if it can.
    this.#fallback =
      transport === "websocket" ? null : socketIo("socketio (polling)", ["polling", "websocket"]);
    this.#memory = new BlockedMemory(`${this.#preferred.name} ${address.origin}${address.prefix}`);
  }

  /** A client on the fallback returns to this route once this route works again. */
  get preferred(): Route {
    return this.#preferred;
  }

  /** The routes to try now, in this order. */
  order(): readonly Route[] {
    if (!this.#fallback) return [this.#preferred];
    if (this.#memory.isBlocked) return [this.#fallback, this.#preferred];
    // If the preferred route has worked before, one failure does not mean that the network blocks the route: more likely the
    // server is down.
    return this.#hasWorked && this.#failures < 2 ? [this.#preferred] : [this.#preferred, this.#fallback];
  }

  /** @param wasPassedOver whether this attempt began with the other route, which failed and was passed over for `route` */
  worked(route: Route, wasPassedOver: boolean): void {
    this.#failures = 0;
    if (route === this.#preferred) {
      this.#hasWorked = true;
      this.#memory.forget();
    } else if (wasPassedOver) this.#memory.remember();
  }

  failed(): void {
    this.#failures += 1;
  }
}

/**
 * When each route was blocked, by the key that `sessionStorage` also uses. Pages that may not use `sessionStorage` have only
 * this map.
 */
const blockedAt = new Map<string, number>();

/** Remembers when a route was blocked, in the page and in its `sessionStorage`, which survives a reload. */
class BlockedMemory {
  readonly #key: string;

  constructor(key: string) {
    this.#key = `grandstand.blocked ${key}`;
  }

  get isBlocked(): boolean {
    const at = blockedAt.get(this.#key) ?? Number(stored((storage) => storage.getItem(this.#key)));
    const ageMs = Date.now() - at;
    // A negative age means that the clock was set back. Such a record is ignored, because it could keep the route
    // blocked for too long.
    return ageMs >= 0 && ageMs < BLOCKED_MS;
  }

  remember(): void {
    blockedAt.set(this.#key, Date.now());
    stored((storage) => storage.setItem(this.#key, String(Date.now())));
  }

  forget(): void {
    blockedAt.delete(this.#key);
    stored((storage) => storage.removeItem(this.#key));
  }
}

/** Uses `sessionStorage`; returns undefined if it does not exist or the page may not use it. */
function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}
