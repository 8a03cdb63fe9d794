import { randomUUID } from "node:crypto";

let offset = 0;

/** A push with a new message. It has the same fields as a push from Grandstand. */
export function chatPush(room: string, text: string) {
  offset += 1;
  const message = {
    id: randomUUID(),
    offset,
    user: null,
    text,
    metadata: null,
    replyTo: null,
    sentAt: new Date().toISOString(),
    editedAt: null,
    deleted: false,
    reactions: {},
    profile: null,
  };
  const publications = [{ offset, event: "chat.message", data: message }];
  return { channel: `chat:${room}`, epoch: "1ab6deb5-7a9c-4f2e-9a53-5b0d5f5b3a44", publications };
}
