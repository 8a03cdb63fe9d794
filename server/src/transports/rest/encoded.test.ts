import { contract, operationNames } from "@grandstand/shared/contract";
import type { Operation } from "@grandstand/shared/operation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";

let node: TestNode;
const board = freshId("board");

beforeAll(async () => {
  node = await startTestNode();
  const json = { "content-type": "application/json" };
  await read("", { method: "PUT", headers: json, body: "{}" });
  const body = JSON.stringify({ member: "ann", score: 1, metadata: { clan: "rød" } });
  await read("/scores", { method: "POST", headers: json, body });
});

afterAll(() => node.close());

function read(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
  return fetch(`${node.url}/v1/leaderboards/${board}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${TEST_API_KEY}`, ...headers },
  });
}

const tagged = operationNames.flatMap((name) => {
  const { rest }: Operation = contract[name];
  return rest?.hasEtag ? [rest.path.replace("{member}", "ann").replace("/leaderboards/{board}", "")] : [];
});

describe.each(tagged)("LB11: GET %s", (path) => {
  const url = `${path}?score=1`.replace(/(entries|ann\/around)\?.*/, "$1");

  it("has an entity tag, and caches keep the answer for one credential and revalidate it each time", async () => {
    const response = await read(url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("etag")).toMatch(/^"[\w-]{22}"$/);
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    const vary = response.headers.get("vary")!.toLowerCase().split(", ");
    expect(vary).toEqual(expect.arrayContaining(["authorization", "x-api-key", "cookie"]));
    expect((await response.json()).entries).toMatchObject([{ member: "ann", metadata: { clan: "rød" } }]);
  });

  it("is answered by 304 without a body if the caller sends the tag, also in a list or marked as weak", async () => {
    const etag = (await read(url)).headers.get("etag")!;
    for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await read(url, { headers: { "if-none-match": ifNoneMatch } });
      expect(response.status).toBe(304);
      expect(response.headers.get("etag")).toBe(etag);
      expect(response.headers.get("cache-control")).toBe("private, no-cache");
      expect(await response.text()).toBe("");
    }
    for (const ifNoneMatch of ['"other"', "", etag.slice(1), `x${etag}`]) {
      expect((await read(url, { headers: { "if-none-match": ifNoneMatch } })).status).toBe(200);
    }
  });

  it("is refused to a caller with an invalid credential, also if the caller sends the tag", async () => {
    const etag = (await read(url)).headers.get("etag")!;
    const headers = { authorization: "Bearer wrong", "if-none-match": etag };
    const response = await read(url, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

it("LB11: a page of another origin may read the tag", async () => {
  const response = await read("/entries", { headers: { origin: "http://localhost:5173" } });
  expect(response.headers.get("access-control-expose-headers")).toContain("ETag");
  expect(response.headers.get("vary")).toMatch(/^Origin, Authorization/);
});

it("an error has no tag", async () => {
  const response = await read("/entries/nobody/around");
  expect(response.status).toBe(404);
  expect(response.headers.get("etag")).toBeNull();
});
