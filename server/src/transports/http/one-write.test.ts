import { createServer, type Server } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { writeAnswersAtOnce } from "./one-write.js";

let server: Server;

afterEach(() => {
  vi.restoreAllMocks();
  server.close();
});

async function answersTo(requests: number, body: string | Buffer) {
  server = createServer((_request, response) => response.end(body));
  writeAnswersAtOnce(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { prototype } = Socket as unknown as { prototype: Required<Pick<Socket, "_writev">> };
  const vectors = vi.spyOn(prototype, "_writev");
  const answers = [];
  for (let number = 0; number < requests; number += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}`);
    answers.push(await answer.text());
  }
  // All counted calls are the server's: fetch sends a request without a body as one chunk, so it does not call `_writev`.
  return { answers, vectors: vectors.mock.calls.length };
}

it("an answer is one write, also when it has letters beyond ASCII", async () => {
  const { answers, vectors } = await answersTo(3, "grüße 🎉");
  expect(answers).toEqual(Array(3).fill("grüße 🎉"));
  expect(vectors).toBe(0);
});

it("an answer of several chunks is written whole", async () => {
  const { answers } = await answersTo(2, Buffer.from("bytes after a header"));
  expect(answers).toEqual(Array(2).fill("bytes after a header"));
});
