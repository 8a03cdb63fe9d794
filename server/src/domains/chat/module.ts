import type { DomainModule } from "../shared/module.js";
import { chatSource } from "./feed.js";
import { chatHandlers } from "./handlers.js";
import { RoomLists } from "./room-list.js";
import type { ChatDependencies } from "./store.js";

export function chatModule(dependencies: ChatDependencies): DomainModule<"chat"> {
  const roomLists = new RoomLists(dependencies);
  return {
    operations: chatHandlers(dependencies, roomLists),
    channelSource: chatSource(dependencies),
    stop: () => roomLists.flush(),
  };
}
