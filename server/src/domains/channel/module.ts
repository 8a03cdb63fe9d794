import { connectionOf } from "../../core/call.js";
import type { Hub } from "../../live/hub.js";
import type { DomainModule } from "../shared/module.js";

export function channelModule(hub: Hub): DomainModule<"channel"> {
  return {
    operations: {
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
    },
  };
}
