import type { Push } from "@grandstand/shared/channels";
import { type TextFrame, textFrame, writeFrame } from "../text-frame.js";
import type { EngineConnection } from "./engine-io-guard.js";

/** The event `push`, encoded once for all connections. */
export interface SocketIoPush {
  /** The packet of Socket.IO. */
  packet: string;
  /** The packet as a message of Engine.IO, in a WebSocket frame. */
  frame: TextFrame;
}

/** Socket.IO's packet type for an event in the main namespace. */
const EVENT = "2";
/** Engine.IO's packet type for a message. */
const MESSAGE = "4";

export function encodePush(push: Push): SocketIoPush {
  const packet = EVENT + JSON.stringify(["push", push]);
  return { packet, frame: textFrame(MESSAGE + packet) };
}

/**
 * Sends a push. If no packets wait for the connection's WebSocket, the frame is written to it directly. This saves the
 * events and callbacks of Engine.IO for each packet.
 */
export function writePush(engine: EngineConnection, { packet, frame }: SocketIoPush): void {
  const { transport, writeBuffer, readyState } = engine;
  const isIdle = readyState === "open" && transport.writable && writeBuffer.length === 0;
  const isWritten = isIdle && transport.socket !== undefined && writeFrame(transport.socket, frame);
  if (!isWritten) engine.write(packet);
}
