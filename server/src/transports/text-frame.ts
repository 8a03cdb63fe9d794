import type { WebSocket } from "ws";

/** A text message as a server's WebSocket frame (RFC 6455), built once for any number of sockets. */
export interface TextFrame {
  /** Header and payload. */
  bytes: Buffer;
  payload: Buffer;
}

/** FIN, and the opcode of text. */
const WHOLE_TEXT = 0x81;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;
const LONGEST_IN_2_BYTES = 0xffff;

export function textFrame(text: string): TextFrame {
  const length = Buffer.byteLength(text);
  const headerLength = length < LENGTH_IN_2_BYTES ? 2 : length <= LONGEST_IN_2_BYTES ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headerLength + length);
  bytes[0] = WHOLE_TEXT;
  if (headerLength === 2) bytes[1] = length;
  else if (headerLength === 4) {
    bytes[1] = LENGTH_IN_2_BYTES;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = LENGTH_IN_8_BYTES;
    bytes.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    bytes.writeUInt32BE(length % 2 ** 32, 6);
  }
  bytes.write(text, headerLength);
  return { bytes, payload: bytes.subarray(headerLength) };
}

/** The private part of ws that writes frames. */
interface Sender {
  _extensions: Record<string, unknown>;
  /** Whether the next frame begins a message. */
  _firstFragment: boolean;
  /** Not 0 while a message is being compressed. */
  _state: number;
  _queue: unknown[];
  sendFrame(parts: Buffer[]): void;
}

/**
 * Writes a frame as one buffer. ws itself would build the header again for each socket, and write it as a
 * second buffer.
 * @returns false when nothing was written: the payload has to go through `socket.send`. Nothing is written if the
 * connection is not open, compresses messages or has begun another message, or if ws would change the frame.
 */
export function writeFrame(socket: WebSocket, { bytes }: TextFrame): boolean {
  const { _sender: sender } = socket as unknown as { _sender?: Sender };
  if (socket.readyState !== socket.OPEN || !sender || !writesGivenFrames(sender)) return false;
  for (const _extension in sender._extensions) return false;
  if (sender._state !== 0 || sender._queue.length > 0 || !sender._firstFragment) return false;
  sender.sendFrame([bytes]);
  return true;
}

/** The prototype of the last sender that `tryOut` tested. */
let tried: object | null = null;
/** Whether senders with the prototype `tried` pass a frame to the socket unchanged. */
let isUsable = false;

function writesGivenFrames(sender: Sender): boolean {
  const prototype = Object.getPrototypeOf(sender) as object;
  if (prototype !== tried) {
    tried = prototype;
    isUsable = tryOut(sender);
  }
  return isUsable;
}

function tryOut(sender: Sender): boolean {
  const { _state, _firstFragment, _queue, _extensions } = sender;
  if (typeof _state !== "number" || typeof _firstFragment !== "boolean") return false;
  if (!Array.isArray(_queue) || typeof _extensions !== "object") return false;
  const frame = Buffer.from("frame");
  const written: unknown[] = [];
  try {
    const Sender = sender.constructor as new (socket: object) => Sender;
    new Sender({ write: (chunk: unknown) => written.push(chunk) }).sendFrame([frame]);
  } catch {
    return false;
  }
  return written.length === 1 && written[0] === frame;
}
