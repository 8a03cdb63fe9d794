import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectTestRedis, type TestRedis } from "../../test/support/redis-client.js";
import { readScriptSource } from "./script-source.js";
import { namedReply, registerScripts, runScript, scriptsOf } from "./scripts.js";

let folder: string;
let connections: TestRedis;
let redis: TestRedis["commands"];
const write = (name: string, lua: string) => writeFileSync(join(folder, `${name}.lua`), lua);
const moduleUrl = () => pathToFileURL(join(folder, "..", "scripts.ts")).href;

beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), "grandstand-scripts-"));
  folder = join(root, "lua");
  mkdirSync(folder);
  write(
    "part",
    "--- @keys meta\n--- @args publishCommand\n--- @reply forbidden:\nlocal function first() return META_KEY end\n",
  );
  write(
    "echo",
    [
      "--- @include ./part.lua",
      "--- @keys windows[]: ranking records",
      "--- @args ttlMs",
      "--- @args windows[]: name season",
      "--- @args members[]",
      "--- @reply ok: meta ttl rest...",
      "local reply = { 'ok', first(), ttl_ms .. publish_command }",
      "for at = 1, windows_count do",
      "  local window = windows_at(at)",
      "  reply[#reply + 1] = window.ranking .. window.records .. window.name .. window.season",
      "end",
      "for at = 1, members_count do reply[#reply + 1] = members_at(at) end",
      "return reply",
    ].join("\n"),
  );
  write(
    "optional",
    [
      "--- @args scores[]: member subscore? note?",
      "local reply = { tostring(#ARGV) }",
      "for at = 1, scores_count do",
      "  local score = scores_at(at)",
      "  reply[at + 1] = score.member .. '.' .. score.subscore .. '.' .. score.note",
      "end",
      "return reply",
    ].join("\n"),
  );
  write("wrong", "--- @keys other\n--- @args known unknown\nreturn 1\n");
  connections = await connectTestRedis();
  redis = connections.commands;
});

afterAll(async () => {
  await connections.close();
  rmSync(join(folder, ".."), { recursive: true });
});

it("passes keys, arguments and groups by name", async () => {
  const define = scriptsOf(moduleUrl(), { keys: ["meta", "log", "windows[]"], args: ["publishCommand"] });
  const script = define("echo", {
    args: ["ttlMs", "windows[]", "members[]"],
    reply: ["meta", "ttl", "rest..."],
  });
  registerScripts(redis);
  const keys = {
    meta: "m",
    log: "unused",
    windows: [
      { ranking: "z1", records: "h1" },
      { ranking: "z2", records: "h2" },
    ],
  };
  const windows = [
    { name: "all", season: "-" },
    { name: "daily", season: "d" },
  ];
  const reply = await runScript(redis, script, keys, {
    publishCommand: "PUBLISH",
    ttlMs: 5,
    windows,
    members: ["ann", "bo"],
  });
  const [status, ...values] = reply as string[];
  expect(namedReply(script, status!, values)).toEqual({
    meta: "m",
    ttl: "5PUBLISH",
    rest: ["z1h1all-", "z2h2dailyd", "ann", "bo"],
  });
  expect(namedReply(script, "forbidden", [])).toEqual({});
  expect(() => namedReply(script, "odd", [])).toThrow("unknown status odd");
});

it("sends the optional arguments of a group up to the last argument that an item has", async () => {
  const define = scriptsOf(moduleUrl(), { keys: [] });
  const script = define("optional", { args: ["scores[]"] });
  registerScripts(redis);
  const run = (scores: Record<string, string>[]) => runScript(redis, script, {}, { scores });
  expect(await run([{ member: "a" }, { member: "b", subscore: "2" }])).toEqual(["6", "a..", "b.2."]);
  expect(await run([{ member: "a" }])).toEqual(["3", "a.."]);
  expect(await run([{ member: "a", note: "n" }])).toEqual(["5", "a..n"]);
});

it("takes a group of keys without arguments", async () => {
  const define = scriptsOf(moduleUrl(), { keys: ["slots[]"] });
  write("ring", "--- @keys slots[]: key\nreturn { slots_count, slots_at(1).key, slots_at(2).key }");
  const script = define("ring");
  registerScripts(redis);
  expect(await runScript(redis, script, { slots: [{ key: "a" }, { key: "b" }] }, {})).toEqual([2, "a", "b"]);
});

it("refuses names that TypeScript and Lua do not share", () => {
  const define = scriptsOf(moduleUrl(), { keys: ["meta"] });
  expect(() => define("wrong", { args: ["known", "extra"] })).toThrow(
    /Lua names the key other; Lua names the argument unknown; TypeScript names the argument extra/,
  );
});

it("refuses a name that is declared twice", () => {
  write("twice", "--- @include ./part.lua\n--- @args publishCommand\nreturn 1\n");
  expect(() => readScriptSource(pathToFileURL(join(folder, "twice.lua")))).toThrow("declared twice");
});
