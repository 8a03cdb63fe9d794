import { connectionOf } from "../../calls/call.js";
import type { DomainHandlers } from "../../calls/handlers.js";
import type { Hub } from "../../live/hub.js";

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
