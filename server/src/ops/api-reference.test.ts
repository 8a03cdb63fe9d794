import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestNode, type TestNode } from "../../test/support/in-process-node.js";

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
});

afterAll(() => node.close());

it("OP1: /docs is a page that loads everything from the node itself", async () => {
  const page = await fetch(`${node.url}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  const policy = page.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toContain("unsafe");

  const html = await page.text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
  expect(addresses.length).toBeGreaterThan(2);
  for (const address of addresses) {
    const { origin, href } = new URL(address, page.url);
    expect(origin).toBe(node.url);
    expect((await fetch(href)).status, href).toBe(200);
  }
  expect(html).not.toMatch(/<script(?![^>]* src=)/);
});
