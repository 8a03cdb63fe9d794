import type { Server } from "node:http";
import type { Socket } from "node:net";

type WriteAll = NonNullable<Socket["_writev"]>;

/**
 * Makes the sockets of a server send each response with one plain write. Node appends an empty chunk to a response, and
 * therefore calls `_writev` with two chunks. A `_write` with one chunk costs less. Sockets without `_writev` stay as they are.
 */
export function writeAnswersAtOnce(server: Server): void {
  server.on("connection", (socket) => {
    if (typeof socket._writev === "function") socket._writev = writeWithoutEmptyChunks;
  });
}

const writeWithoutEmptyChunks: WriteAll = function (this: Socket, chunks, done) {
  const [first, second] = chunks;
  if (chunks.length === 2 && second!.chunk.length === 0) this._write(first!.chunk, first!.encoding, done);
  else (Object.getPrototypeOf(this) as Socket)._writev!.call(this, chunks, done);
};
