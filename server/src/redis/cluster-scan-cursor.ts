import { GrandstandError } from "@grandstand/shared/errors";

/** Where a scan of a Cluster continues. */
export interface ScanPosition {
  /** The index of the server in `ClusterCommands.masters`. */
  server: number;
  /** The SCAN cursor of this server. */
  position: string;
  /** A checksum of which server owns which slots: an unsigned number of 32 bits. */
  layout: number;
}

const MAX_SERVERS = 1_024n;
const MAX_LAYOUTS = 2n ** 32n;

/** Encodes a position as decimal digits, like a cursor of SCAN. Never returns "0". */
export function encodeScanCursor({ server, position, layout }: ScanPosition): string {
  return String((BigInt(position) * MAX_LAYOUTS + BigInt(layout)) * MAX_SERVERS + BigInt(server));
}

/** @param cursor decimal digits */
export function decodeScanCursor(cursor: string): ScanPosition {
  const rest = BigInt(cursor) / MAX_SERVERS;
  return {
    server: Number(BigInt(cursor) % MAX_SERVERS),
    position: String(rest / MAX_LAYOUTS),
    layout: Number(rest % MAX_LAYOUTS),
  };
}

export function scanInterrupted(): GrandstandError {
  return new GrandstandError("bad_request", "The scan can't continue", {
    issues: [
      {
        path: "cursor",
        rule: "cursor",
        message:
          "must be of a scan since the last change of the Cluster's servers; start again without a cursor",
      },
    ],
  });
}
