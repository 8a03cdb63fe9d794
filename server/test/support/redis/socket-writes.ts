import type { Socket } from "node:net";
import type { Redis } from "ioredis";
import { vi } from "vitest";

/**
 * Counts the writes of a connection's socket from now on.
 * @returns the number of writes so far
 */
export function socketWrites(connection: Redis): () => number {
  const socket = connection.stream as unknown as Socket & Required<Pick<Socket, "_writev">>;
  const one = vi.spyOn(socket, "_write");
  const several = vi.spyOn(socket, "_writev");
  return () => one.mock.calls.length + several.mock.calls.length;
}
