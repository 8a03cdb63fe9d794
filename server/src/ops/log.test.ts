import { Writable } from "node:stream";
import { ReplyError } from "ioredis";
import { expect, it } from "vitest";
import { createLog } from "./log.js";

it("redacts secrets in any field, and the arguments of failed Redis commands", () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  const log = createLog({ level: "info", isPretty: false }, sink);
  log.info({ token: "s3cret", headers: { authorization: "Bearer s3cret", "x-api-key": "s3cret" } }, "one");
  log.info({ input: { token: "s3cret", password: "s3cret" } }, "two");
  const error = Object.assign(new ReplyError("NOAUTH"), { command: { name: "auth", args: ["s3cret"] } });
  log.error({ err: error }, "three");
  expect(lines).toHaveLength(3);
  expect(lines.join("")).not.toContain("s3cret");
  expect(lines[2]).toContain("NOAUTH");
});
