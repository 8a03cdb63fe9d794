import { chatHandlers } from "../../src/domains/chat/handlers.js";
import type { ChatDependencies } from "../../src/domains/chat/store.js";
import { RoomAccessChanges } from "../../src/domains/shared/room-access-changes.js";
import { type DomainFixture, domainFixture, silentLog } from "./domain.js";

/** Chat without a node around it. */
export interface ChatFixture extends DomainFixture {
  dependencies: ChatDependencies;
  chat: ReturnType<typeof chatHandlers>;
}

export async function chatFixture(): Promise<ChatFixture> {
  const fixture = await domainFixture();
  const { redis, keys } = fixture;
  const dependencies: ChatDependencies = {
    redis: redis.commands,
    keys,
    publishCommand: redis.publishCommand,
    log: silentLog,
    openRooms: true,
    roomAccessChanges: new RoomAccessChanges(),
    newRooms: null,
  };
  return { ...fixture, dependencies, chat: chatHandlers(dependencies) };
}
