import type { Position, Publication } from "@grandstand/shared/channels";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage } from "@grandstand/shared/events/chat";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { userCall } from "../../../test/support/callers.js";
import { type ChatFixture, chatFixture } from "../../../test/support/chat-fixture.js";
import { serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import { RoomModel } from "../../../test/support/room-model.js";
import { RoomStore } from "./store.js";
import { SubscriptionStarts } from "./subscription-starts.js";

let fixture: ChatFixture;
let chat: ChatFixture["chat"];

beforeAll(async () => {
  fixture = await chatFixture();
  chat = fixture.chat;
});

afterAll(() => fixture.redis.close());

const user = fc.constantFrom("ann", "bo", "zoë {x}");
/** A step acts on the item that is this far before the log's last item. Often no such item exists, or it is no message. */
const back = fc.integer({ min: -1, max: 25 });
const emoji = fc.constantFrom("👍", "🎉");
const text = fc.string({ minLength: 1, maxLength: 20, unit: "binary" }).map((said) => `.${said}`);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), user, text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("edit" as const), user, back, text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), user, back }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("react" as const), user, back, emoji, isAdded: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("read" as const), user, back }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), back }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** 20 rooms with 200 operations each. A failure prints its seed. */
it("CT1, CT4, CT5, CT9, CH4: a room behaves like its model over 4,000 operations", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(10, 25, 1_000),
      fc.array(step, { minLength: 200, maxLength: 200 }),
      walk,
    ),
    { numRuns: 20, endOnFailure: true },
  );
});

async function walk(logSize: number, steps: Step[]): Promise<void> {
  const room = freshId("room");
  const sizes = { logSize, retentionMs: 60_000, slowModeMs: 0 };
  await chat["chat.configure"]({ room, ...sizes }, serverCall);
  const model = new RoomModel(logSize);
  /** The room's position after each item, by the item's offset. */
  const positions: Position[] = [];
  for (const next of steps) {
    await take(next, room, model, positions);
    const { position } = await chat["chat.history"]({ room, limit: 1 }, serverCall);
    expect(position?.offset ?? 0).toBe(model.last);
    if (position) positions[position.offset] = position;
  }
  await compare(room, model);
}

async function take(next: Step, room: string, model: RoomModel, positions: Position[]): Promise<void> {
  if (next.do === "send") {
    const { message } = await chat["chat.send"]({ room, text: next.text }, userCall(next.user));
    expect(message).toMatchObject({ offset: model.send(next.user, next.text), text: next.text });
    return;
  }
  const offset = model.last - next.back;
  if (next.do === "resume") {
    await resume(room, model, positions[offset], offset);
    return;
  }
  if (offset < 1) return;
  const call = userCall(next.user);
  const action = {
    edit: () => next.do === "edit" && chat["chat.edit"]({ room, offset, text: next.text }, call),
    delete: () => chat["chat.delete"]({ room, offset }, call),
    react: () =>
      next.do === "react" &&
      chat[next.isAdded ? "chat.react" : "chat.unreact"]({ room, offset, emoji: next.emoji }, call),
    read: () => chat["chat.read"]({ room, offset }, call),
  }[next.do];
  const refusal = await Promise.resolve(action()).then(
    () => null,
    (error: GrandstandError) => error.code,
  );
  const expected = {
    edit: () => next.do === "edit" && model.edit(next.user, offset, next.text),
    delete: () => model.delete(next.user, offset),
    react: () => next.do === "react" && model.react(next.user, offset, next.emoji, next.isAdded),
    read: () => model.read(next.user, offset),
  }[next.do]();
  expect(refusal).toBe(expected);
}

/** Subscribes from an earlier position: the subscription starts with all later items, or with the reason `trimmed`. */
async function resume(
  room: string,
  model: RoomModel,
  since: Position | undefined,
  offset: number,
): Promise<void> {
  if (!since) return;
  const { part } = await new SubscriptionStarts(new RoomStore(fixture.dependencies, room)).read(
    serverCall.caller,
    since,
    5,
  );
  if (offset < model.head - 1) {
    expect(part).toMatchObject({ reason: "trimmed" });
    return;
  }
  const { publications } = part as { publications: Publication[] };
  expect(publications.map((one) => one.offset)).toEqual(
    Array.from({ length: model.last - offset }, (_, at) => offset + 1 + at),
  );
}

async function compare(room: string, model: RoomModel): Promise<void> {
  const found: ChatMessage[] = [];
  for (let before: number | undefined, hasMore = true; hasMore; before = found[0]?.offset) {
    const page = await chat["chat.history"]({ room, limit: 7, before }, serverCall);
    found.unshift(...page.messages);
    hasMore = page.hasMore;
  }
  expect(found.map(shown)).toEqual(
    model.kept.map(({ reactions, ...message }) => ({ ...message, reactions: counted(reactions) })),
  );
  for (const id of ["ann", "bo", "zoë {x}"]) {
    const { rooms: counts } = await chat["chat.unread"]({ rooms: [room] }, userCall(id));
    expect(counts[0]?.unread).toBe(model.unread(id));
  }
}

function shown({ offset, user: sender, text: said, deleted, reactions }: ChatMessage) {
  return { offset, user: sender, text: said, isDeleted: deleted, reactions };
}

function counted(reactions: { user: string; emoji: string }[]) {
  const byEmoji: Record<string, { count: number; users: string[] }> = {};
  for (const { user: who, emoji: what } of reactions) {
    byEmoji[what] ??= { count: 0, users: [] };
    byEmoji[what].count += 1;
    byEmoji[what].users.push(who);
  }
  return byEmoji;
}
