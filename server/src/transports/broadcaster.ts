import type { Push } from "@grandstand/shared/channels";
import type { Broadcaster, Connection } from "../core/connection.js";

/** A connection that accepts encoded bytes. */
export interface EncodedConnection extends Connection {
  write(encoded: Buffer): void;
}

/** A broadcaster that encodes a push once per group and writes the bytes to each connection. */
export class EncodedBroadcaster implements Broadcaster {
  readonly #groups = new Map<string, Set<EncodedConnection>>();

  /** @param onSent called after each write to a connection */
  constructor(
    readonly encode: (push: Push) => Buffer,
    readonly onSent: (connection: Connection) => void,
  ) {}

  join(group: string, connection: EncodedConnection): void {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(connection));
  }

  leave(group: string, connection: EncodedConnection): void {
    const members = this.#groups.get(group);
    members?.delete(connection);
    if (members?.size === 0) this.#groups.delete(group);
  }

  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void {
    const members = this.#groups.get(group);
    if (!members) return;
    const encoded = this.encode(push);
    for (const connection of members) {
      if (except?.has(connection)) continue;
      connection.write(encoded);
      this.onSent(connection);
    }
  }
}
