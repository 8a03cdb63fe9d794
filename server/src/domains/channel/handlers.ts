import type { Call } from "../../calls/call.js";
import type { Connection } from "../../calls/connection.js";
import type { DomainHandlers } from "../../calls/handlers.js";
import type { Hub } from "../../live/hub.js";

/** The contract has no REST form for these operations, so a call without a connection is our own mistake. */
function connectionOf(call: Call): Connection {
  if (!call.connection) throw new TypeError("a channel operation was called without a connection");
  return call.connection;
}

export function channelHandlers(hub: Hub): DomainHandlers<"channel"> {
  return {
    "channel.subscribe": async ({ channel, view, since }, call) => {
      const connection = connectionOf(call);
      const { begin, end, ...joined } = await hub.subscribe(connection, channel, { view, since });
      call.afterReply(begin, end);
      return { channel, ...joined };
    },
    "channel.unsubscribe": async ({ channel }, call) => {
      hub.unsubscribe(connectionOf(call), channel);
      return { channel };
    },
  };
}
