import type { Config } from "../config/config.js";
import type { Connection } from "../core/connection.js";
import type { Handler } from "../core/handler.js";
import { Dispatcher } from "../dispatch/dispatcher.js";
import type { AuditLog } from "../domains/admin/audit-log.js";
import { authModule } from "../domains/auth/module.js";
import { channelModule } from "../domains/channel/module.js";
import type { HookGate } from "../hooks/gate.js";
import { CallLimits } from "../limits/call-limits.js";
import { ConnectionCounts } from "../limits/connection-counts.js";
import type { OtherWorkersCounts } from "../limits/other-workers-counts.js";
import { Connections } from "../live/connections.js";
import { Hub } from "../live/hub.js";
import type { composeDomains } from "./domains.js";
import type { Observation } from "./observation.js";
import type { RedisServices } from "./redis-services.js";
import type { SharedServices } from "./shared-services.js";

export interface LiveParts {
  observation: Observation;
  redis: RedisServices;
  shared: SharedServices;
  domains: ReturnType<typeof composeDomains>["domains"];
  auditLog: AuditLog;
  hooks: HookGate | null;
}

/**
 * Constructs the parts that serve connections and calls of every transport.
 * @param otherWorkersCounts the connections of other workers behind the same port
 */
export function liveServices(config: Config, parts: LiveParts, otherWorkersCounts?: OtherWorkersCounts) {
  const { observation, redis, shared, domains, auditLog, hooks } = parts;
  const { log, observer } = observation;
  const { topics, keys, stores, pace } = redis;
  const { identity, profiles, operatorTraces } = shared;

  const hub = new Hub(
    topics,
    domains.channelSources,
    config.batchMs,
    config.queueLimits,
    config.limits.channelsPerConnection,
    observer,
    profiles,
    operatorTraces,
  );
  const listeners = {
    onClosed(connection: Connection) {
      identity.onConnectionClosed(connection);
      hub.drop(connection);
      domains.onConnectionClosed(connection);
    },
    onCallerChanged(connection: Connection) {
      void pace.wake();
      profiles.note(connection.caller);
      identity.onCallerChanged(connection);
      hub.reviewRights(connection);
      domains.onRightsChanged(connection);
    },
  };
  const counts = new ConnectionCounts(config.limits.connections, otherWorkersCounts);
  const connections = new Connections(counts, listeners, observer);

  const callLimits = new CallLimits(config.limits, stores.redis, keys);
  // The reply shows profiles of other users. The hub notes these users, so that the caller's `user` channel publishes
  // changes of their profiles.
  const roomsOf: Handler<"chat.rooms"> = async (input, call) => {
    const page = await domains.operations["chat.rooms"](input, call);
    if (call.connection) hub.noteShown(call.connection, "user", page);
    return page;
  };
  const handlers = {
    ...domains.operations,
    ...channelModule(hub).operations,
    ...authModule(identity.authenticator, connections, hooks).operations,
    "chat.rooms": roomsOf,
  };
  const dispatcher = new Dispatcher(
    identity.authenticator,
    callLimits,
    handlers,
    auditLog,
    log,
    observer,
    pace,
    hooks,
    profiles,
    domains.encodedOperations,
  );
  return { hub, connections, callLimits, dispatcher, observer, hooks };
}
