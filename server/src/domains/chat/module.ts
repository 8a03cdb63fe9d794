import type { DomainModule } from "../shared/module.js";
import { chatEventReaders } from "./event-readers.js";
import { chatSource } from "./feed.js";
import { chatHandlers } from "./handlers.js";
import { RoomLists } from "./room-list.js";
import type { ChatDependencies } from "./store.js";
import { RoomData } from "./user-data.js";

export function chatModule(dependencies: ChatDependencies): DomainModule<"chat"> {
  const roomLists = new RoomLists(dependencies);
  const operations = chatHandlers(dependencies, roomLists);
  const roomData = new RoomData(dependencies, operations["chat.delete"]);
  return {
    operations,
    channelSource: chatSource(dependencies),
    eventReaders: chatEventReaders(dependencies),
    stop: () => roomLists.flush(),
    eraseUser: (user) => roomData.erase(user),
    exportUser: (user, cursor) => roomData.export(user, cursor),
  };
}
