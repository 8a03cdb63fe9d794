import type { Push } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Ack, Welcome } from "@grandstand/shared/frames";
import { notLoaded } from "./not-loaded.js";
import type { Address } from "./options.js";

/** One connection over one transport. It never reconnects: `Connection` opens a new one instead. */
export interface Transport {
  /**
   * Sends a request. When the reply arrives, `onReply` is called before the observer gets any later push. After the
   * transport has ended, `onReply` is not called any more.
   */
  send(operation: string, inputJson: string, onReply: (ack: Ack) => void): void;
  /** Closes the connection. The observer gets no further report. */
  close(): void;
}

/** What a transport reports. `onEnd` is the last report, and there is at most one. */
export interface TransportObserver {
  /**
   * The connection is open, so the network does not block this transport. The client is not authenticated
   * yet.
   */
  onOpen(): void;
  /** The server accepted the credentials. */
  onWelcome(welcome: Welcome): void;
  /** Anything arrived from the server, including replies, pings and pushes. */
  onReceived(): void;
  onPush(push: Push): void;
  /** The credentials expire soon. */
  onExpiring(): void;
  onEnd(ending: Ending): void;
}

/** Why a transport ended. */
export type Ending =
  /** The server refused the connection and said why. */
  | { kind: "refused"; error: GrandstandError }
  /** The server closed the connection with a close code. */
  | { kind: "closed"; code: number; reason: string; reconnectAfterMs?: number | undefined }
  /** The connection ended without a reason from the server, or could not be opened. */
  | { kind: "lost"; error: GrandstandError; isTooLarge?: boolean };

/** @param token null for the session cookie of the browser */
export type OpenTransport = (
  address: Address,
  token: string | null,
  observer: TransportObserver,
) => Transport;

/** Wraps a transport so that its code is loaded when it is first opened. */
export function loadedTransport(load: () => Promise<OpenTransport>): OpenTransport {
  return (address, token, observer) => {
    let transport: Transport | undefined;
    let isOver = false;
    load().then(
      (open) => {
        if (!isOver) transport = open(address, token, observer);
      },
      (cause: unknown) => {
        if (!isOver) observer.onEnd({ kind: "lost", error: notLoaded(cause) });
      },
    );
    return {
      send: (operation, inputJson, onReply) => transport?.send(operation, inputJson, onReply),
      close: () => {
        isOver = true;
        transport?.close();
      },
    };
  };
}
