import type { Ack } from "@grandstand/shared/frames";
import { newGuest } from "./accounts.js";
import { openWebSocket, type WebSocketClient } from "./drivers/websocket-driver.js";

/** A user who is in a room over one connection, and reconnects when it closes. */
export interface PresentUser {
  id: string;
  /** How often the user reconnected. */
  readonly returns: number;
  /** Closes the connection. The user does not reconnect. */
  close(): Promise<void>;
}

/**
 * @param urlOf returns the URL of the node to connect to; called at each attempt
 */
export async function presentUser(urlOf: () => string, room: string): Promise<PresentUser> {
  const { user, token } = await newGuest(urlOf(), "Guest");
  let client: WebSocketClient;
  let isClosed = false;
  let returns = 0;
  let returning = Promise.resolve();
  const enter = async (): Promise<void> => {
    const opened = await openWebSocket(urlOf(), token);
    const entered: Ack = await Promise.race([
      opened.call("presence.enter", { room }),
      new Promise<Ack>((resolve) => {
        opened.socket.once("close", () =>
          resolve({ ok: false, error: { code: "unavailable", message: "" } }),
        );
      }),
    ]);
    if (!entered.ok) {
      opened.socket.terminate();
      throw new Error(`not entered: ${entered.error.message}`);
    }
    client = opened;
    opened.socket.once("close", () => {
      returning = comeBack();
    });
  };
  const comeBack = async (): Promise<void> => {
    while (!isClosed) {
      try {
        await enter();
        returns += 1;
        // `close` was called during the reconnect.
        if (isClosed) await client.close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await enter();
  return {
    id: user.id,
    get returns() {
      return returns;
    },
    close: async () => {
      isClosed = true;
      await client.close();
      await returning;
    },
  };
}
