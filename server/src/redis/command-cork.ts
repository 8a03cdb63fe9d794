import { Cluster, type Command, type Redis } from "ioredis";

/** The part of a socket that the cork needs. */
interface CorkableSocket {
  cork(): void;
  uncork(): void;
}

/**
 * Sends the commands of one turn of the event loop in one write: the first command corks the socket, and the end of the turn
 * uncorks it. A command waits only for the end of the turn, never for the reply to another command (docs/decisions/0019).
 * A connection whose socket can't be corked writes each command separately.
 */
export function corkCommands(redis: Redis | Cluster): void {
  for (const connection of redis instanceof Cluster ? redis.nodes() : [redis]) corkConnection(connection);
  // A Cluster may discover more servers later. Its connections to them are corked too.
  redis.on("+node", corkConnection);
}

function corkConnection(connection: Redis): void {
  const sendCommand = connection.sendCommand.bind(connection) as (
    command: Command,
    ...more: unknown[]
  ) => unknown;
  let corked: CorkableSocket | null = null;
  const uncork = () => {
    const socket = corked;
    corked = null;
    socket?.uncork();
  };
  connection.sendCommand = (command: Command, ...more: unknown[]) => {
    const socket = connection.stream as Partial<CorkableSocket> | undefined;
    if (socket !== corked && isCorkable(socket)) {
      // If another socket is corked, the connection was replaced within the turn.
      if (corked !== null) corked.uncork();
      else setImmediate(uncork);
      corked = socket;
      socket.cork();
    }
    return sendCommand(command, ...more);
  };
}

function isCorkable(socket: Partial<CorkableSocket> | undefined): socket is CorkableSocket {
  return typeof socket?.cork === "function" && typeof socket.uncork === "function";
}
