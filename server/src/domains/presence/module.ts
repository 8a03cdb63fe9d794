import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { presenceEventReaders } from "./event-readers.js";
import { presenceHandlers } from "./handlers.js";
import { Presence } from "./presence.js";
import { erasePresence, exportPresence } from "./user-data.js";

export function presenceModule(dependencies: DomainDependencies): DomainModule<"presence"> {
  const presence = new Presence(dependencies);
  const { registry, evictions } = presence;
  dependencies.roomAccessChanges.listen((room, user) => void evictions.onAccessChanged(room, user));
  return {
    eraseUser: (user) => erasePresence(dependencies, user),
    exportUser: (user) => exportPresence(dependencies, user),
    operations: presenceHandlers(dependencies, presence),
    channelSource: presence.feeds,
    eventReaders: presenceEventReaders,
    start: (topics) => presence.start(topics),
    stop: () => presence.close(),
    onConnectionClosed: (connection) => registry.onConnectionClosed(connection),
    onRightsChanged: (connection) => registry.onRightsChanged(connection),
  };
}
