import type { Push } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Welcome } from "@grandstand/shared/frames";
import type { Address } from "./options.js";
import type { Route } from "./routes.js";
import type { Ending, Transport } from "./transport.js";

/** A transport over which the server has accepted the client (with a `Welcome`). */
export interface Link {
  readonly transport: Transport;
  readonly route: Route;
}

/** Receives the outcome of an attempt to connect, and then the events of the link. */
export interface DialObserver {
  onWelcome(link: Link, welcome: Welcome, wasFirstTried: boolean): void;
  /** The attempt failed on all routes, or the server refused the client. */
  onFailed(ending: Ending): void;
  onPush(push: Push): void;
  onReceived(): void;
  onExpiring(): void;
  /** The link has ended. */
  onEnd(ending: Ending): void;
}

/** A route that does not open within this time counts as blocked, and the next route is tried. */
const OPEN_MS = 2_000;
/**
 * After a route has opened, the welcome must come within this time: some proxies open a WebSocket but pass no
 * data.
 */
const FIRST_REPLY_MS = 5_000;
/** The time limit of the last route. It is longer, because no other route is left to try. */
const ATTEMPT_MS = 20_000;

/**
 * Tries routes one after the other until the server welcomes the client on one of them. The next route is
 * tried only if the network blocked the previous route. A refusal by the server ends the attempt, because the
 * server would refuse the client on every route.
 * @returns a function that cancels the attempt, or closes the link
 */
export function dial(
  routes: readonly Route[],
  address: Address,
  token: string | null,
  observer: DialObserver,
): () => void {
  let stop = () => {};

  const tryRoute = (at: number): void => {
    const route = routes[at] as Route;
    const isLast = at === routes.length - 1;
    let phase: "trying" | "linked" | "over" = "trying";
    let timer: ReturnType<typeof setTimeout> | undefined;

    const allow = (ms: number) => {
      clearTimeout(timer);
      const error = new GrandstandError("unavailable", "The server did not answer in time");
      timer = setTimeout(() => end({ kind: "lost", error }), ms);
    };
    const close = () => {
      phase = "over";
      clearTimeout(timer);
      transport?.close();
    };
    const end = (ending: Ending) => {
      if (phase === "over") return;
      const wasLinked = phase === "linked";
      close();
      if (wasLinked) observer.onEnd(ending);
      else if (ending.kind === "lost" && !isLast) tryRoute(at + 1);
      else observer.onFailed(ending);
    };

    stop = close;
    allow(isLast ? ATTEMPT_MS : OPEN_MS);
    let transport: Transport | undefined;
    try {
      transport = route.open(address, token, {
        ...observer,
        onOpen: () => {
          if (phase === "trying" && !isLast) allow(FIRST_REPLY_MS);
        },
        onWelcome: (welcome) => {
          if (phase !== "trying" || !transport) return;
          phase = "linked";
          clearTimeout(timer);
          observer.onWelcome({ transport, route }, welcome, at === 0);
        },
        onEnd: end,
      });
    } catch (cause) {
      // For example, a page with TLS may not open a WebSocket without TLS.
      end({
        kind: "lost",
        error: new GrandstandError("unavailable", "The server can't be reached", { cause }),
      });
    }
  };

  tryRoute(0);
  return () => stop();
}
