import { chatHandlers } from "../../src/domains/chat/handlers.js";
import type { ChatDependencies } from "../../src/domains/chat/store.js";
import { type DomainFixture, domainFixture } from "./domain.js";

/** Chat without a node around it. */
export interface ChatFixture extends DomainFixture {
  dependencies: DomainFixture["dependencies"] & ChatDependencies;
  chat: ReturnType<typeof chatHandlers>;
}

export async function chatFixture(): Promise<ChatFixture> {
  const fixture = await domainFixture();
  const dependencies = { ...fixture.dependencies, newRooms: null };
  return { ...fixture, dependencies, chat: chatHandlers(dependencies) };
}
