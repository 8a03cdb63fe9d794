import { once } from "node:events";
import type { Socket } from "node:net";
import { openSocket } from "./raw-http.js";

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface FrameOptions {
  opcode?: number;
  /** Whether the frame is the last one of its message. */
  fin?: boolean;
  /** The reserved bits, which are only valid with a negotiated extension. */
  reserved?: number;
  isMasked?: boolean;
  /** The length that the header states; the length of the payload by default. */
  statedBytes?: number;
}

/** One WebSocket frame, valid or not. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = opcodes.text, fin = true, reserved = 0, isMasked = true } = options;
  const content = Buffer.from(payload);
  const bytes = options.statedBytes ?? content.length;
  const maskBit = isMasked ? 0x80 : 0;
  const length = Buffer.alloc(bytes < 126 ? 1 : bytes < 65_536 ? 3 : 9);
  length[0] = maskBit | (bytes < 126 ? bytes : bytes < 65_536 ? 126 : 127);
  if (length.length === 3) length.writeUInt16BE(bytes, 1);
  if (length.length === 9) length.writeBigUInt64BE(BigInt(bytes), 1);
  const head = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode]);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, length, Buffer.alloc(isMasked ? 4 : 0), content]);
}

/** A TCP connection that was upgraded to a WebSocket; the test writes and reads its bytes. */
export async function upgraded(port: number, path: string, token?: string): Promise<Socket> {
  const socket = await openSocket(port);
  const authorization = token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${authorization}` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await once(socket, "data");
  return socket;
}
