import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ChannelKind } from "@grandstand/shared/channels";
import { operationNames } from "@grandstand/shared/contract";
import { expect, it } from "vitest";
import { useChat, useCounter, useLeaderboard, usePresence, useUser } from "./react.js";
import { createServerClient } from "./server.js";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** The source files, without tests. */
const sources = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes(".test.") && !path.startsWith("testing"))
    .map((path) => [path, readFileSync(`${folder}${path}`, "utf8")]),
);

it("SD1: the only dependency of the package is socket.io-client, which is loaded only when it is used", () => {
  const manifest = JSON.parse(readFileSync(`${folder}../package.json`, "utf8"));
  expect(Object.keys(manifest.dependencies)).toEqual(["socket.io-client"]);
  const importing = (what: string) =>
    [...sources].filter(([, text]) => text.includes(`from "${what}"`)).map(([path]) => path);
  expect(importing("socket.io-client")).toEqual(["socketio-transport.ts"]);
  expect(importing("./socketio-transport.js")).toEqual([]);
});

it("SD7: every operation has a method, and every kind of channel a hook", () => {
  const server = createServerClient({ url: "http://127.0.0.1:1", apiKey: "key" }) as unknown as Record<
    string,
    Record<string, unknown>
  >;
  const tables = ["operations.ts", "rest-routes.ts"];
  const client = [...sources]
    .filter(([path]) => !tables.includes(path))
    .map(([, text]) => text)
    .join("\n");
  const hasNoMethod = (name: string) => {
    const [domain, method] = name.split(".") as [string, string];
    return !client.includes(`"${name}"`) && !server[domain]?.[method];
  };
  expect(operationNames.filter(hasNoMethod)).toEqual([]);
  const hookOf: Record<ChannelKind, unknown> = {
    leaderboard: useLeaderboard,
    counter: useCounter,
    chat: useChat,
    presence: usePresence,
    user: useUser,
  };
  for (const hook of Object.values(hookOf)) expect(hook).toBeTypeOf("function");
});
