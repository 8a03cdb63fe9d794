import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import type { PresenceContext } from "./context.js";
import { presenceHandlers } from "./handlers.js";
import { Presence } from "./presence.js";

export function presenceModule(dependencies: DomainDependencies): DomainModule<"presence"> {
  const { presenceGraceMs, presenceSessions, roomAccessChanges } = dependencies;
  const context: PresenceContext = { ...dependencies, graceMs: presenceGraceMs, stays: presenceSessions };
  const presence = new Presence(context);
  roomAccessChanges.listen((room, user) => presence.accessChanged(room, user));
  return {
    operations: presenceHandlers(context, presence),
    channelSource: presence.feeds,
    start: (bus) => presence.start(bus),
    stop: () => presence.close(),
    onConnectionClosed: (connection) => presence.drop(connection),
    onRightsChanged: (connection) => presence.reviewRights(connection),
  };
}
