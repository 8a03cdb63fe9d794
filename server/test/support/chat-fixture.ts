import { chatHandlers } from "../../src/domains/chat/handlers.js";
import { type DomainFixture, domainFixture } from "./domain.js";

/** The chat domain without a node. */
export interface ChatFixture extends DomainFixture {
  chat: ReturnType<typeof chatHandlers>;
}

export async function chatFixture(): Promise<ChatFixture> {
  const fixture = await domainFixture();
  return { ...fixture, chat: chatHandlers(fixture.dependencies) };
}
