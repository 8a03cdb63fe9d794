import type { Push } from "@grandstand/shared/channels";
import type { Connection, Wire } from "../calls/connection.js";

/** A connection that takes bytes as they are. */
export interface EncodedConnection extends Connection {
  write(encoded: Buffer): void;
}

/** Local fan-out by sets of connections; a push is encoded once for all of an audience. */
export class EncodedWire implements Wire {
  readonly #audiences = new Map<string, Set<EncodedConnection>>();

  /** @param onSent called for each connection that was sent something */
  constructor(
    readonly encode: (push: Push) => Buffer,
    readonly onSent: (connection: Connection) => void,
  ) {}

  join(audience: string, connection: EncodedConnection): void {
    const members = this.#audiences.get(audience) ?? new Set();
    this.#audiences.set(audience, members.add(connection));
  }

  leave(audience: string, connection: EncodedConnection): void {
    const members = this.#audiences.get(audience);
    members?.delete(connection);
    if (members?.size === 0) this.#audiences.delete(audience);
  }

  broadcast(audience: string, push: Push, except?: ReadonlySet<Connection>): void {
    const members = this.#audiences.get(audience);
    if (!members) return;
    const encoded = this.encode(push);
    for (const connection of members) {
      if (except?.has(connection)) continue;
      connection.write(encoded);
      this.onSent(connection);
    }
  }
}
