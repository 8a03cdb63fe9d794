import { expect, vi } from "vitest";
import type { Client, ConnectionState } from "../client.js";

export function untilStatus(
  client: Client,
  status: ConnectionState["status"],
  timeout = 10_000,
): Promise<void> {
  return vi.waitFor(() => expect(client.connection.get().status).toBe(status), { timeout });
}

/**
 * The statuses of a client from now on; the current status is the first. A status is listed again when another part of the
 * connection state changes.
 */
export function statusesOf(client: Client): string[] {
  const statuses: string[] = [client.connection.get().status];
  client.connection.subscribe(() => statuses.push(client.connection.get().status));
  return statuses;
}
