import type { Client } from "@grandstand/sdk";
import { patiently } from "../patiently.js";
import { randomKey } from "../random-key.js";
import { controlsRoom } from "./control-rooms.js";
import { until } from "./until.js";

export type Command = { do: "killNode"; node: string } | { do: "pauseRedis" };

const ANSWER_MS = 30_000;

/**
 * Sends a command to the process that started the demo, and waits until it is carried out.
 * @param text the text that other visitors see about the command
 * @throws {Error} with the reason if the command is refused
 */
export async function command(client: Client, what: Command, text: string): Promise<void> {
  const room = client.chat(controlsRoom);
  // If Redis is paused before it replies, the call is repeated. With the key, all repeats are one message.
  const idempotencyKey = randomKey();
  const { offset } = await patiently(() => room.send({ text, metadata: what, idempotencyKey }));
  const answer = await until(
    room.live(),
    ({ messages }) => messages.find(({ replyTo, user }) => replyTo === offset && user === null),
    { timeoutMs: ANSWER_MS, message: "The process that started the demo does not answer." },
  );
  if (answer.metadata?.done !== true) throw new Error(answer.text);
}
