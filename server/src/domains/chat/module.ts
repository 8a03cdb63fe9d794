import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { chatSource } from "./feed.js";
import { chatHandlers } from "./handlers.js";
import { RoomData } from "./user-data.js";

export function chatModule(dependencies: DomainDependencies): DomainModule<"chat"> {
  const { roomAccessChanges, log } = dependencies;
  const operations = chatHandlers(dependencies, (room, user) => roomAccessChanges.tell(room, user));
  const roomData = new RoomData(dependencies, operations["chat.delete"]);
  return {
    operations,
    eraseUser: (user) => roomData.erase(user),
    exportUser: (user, cursor) => roomData.export(user, cursor),
    channelSource: chatSource(dependencies, log),
  };
}
