import type { DomainModule } from "../shared/module.js";
import { chatSource } from "./feed.js";
import { chatHandlers } from "./handlers.js";
import type { ChatDependencies } from "./store.js";
import { RoomData } from "./user-data.js";

export function chatModule(dependencies: ChatDependencies): DomainModule<"chat"> {
  const operations = chatHandlers(dependencies);
  const roomData = new RoomData(dependencies, operations["chat.delete"]);
  return {
    operations,
    channelSource: chatSource(dependencies),
    eraseUser: (user) => roomData.erase(user),
    exportUser: (user, cursor) => roomData.export(user, cursor),
  };
}
