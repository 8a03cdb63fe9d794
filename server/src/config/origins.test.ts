import { expect, it } from "vitest";
import { origin, originRule } from "./origins.js";

it.each([
  "https://example.com",
  "http://localhost:5173",
  "https://*.example.com",
  "https://*.example.com:8443",
  "capacitor://localhost",
  "app://my.bundle",
  "tauri://localhost",
])("AU7: %s is accepted as an origin", (text) => {
  expect(origin.safeParse(text).success).toBe(true);
});

it.each([
  "*",
  "null",
  "example.com",
  "https://example.com/",
  "https://example.com:443",
  "https://EXAMPLE.com",
  "https://*",
  "https://a.*.example.com",
  "https://*example.com",
  "https://*.*.example.com",
  "https://user@example.com",
  "file://",
  "file://host",
  "capacitor://",
])("AU7: %s is refused as an origin", (text) => {
  expect(origin.safeParse(text).success).toBe(false);
});

it("AU7: a wildcard in an origin stands for exactly one label", () => {
  const rule = originRule("https://*.example.com") as RegExp;
  expect(rule.test("https://eu.example.com")).toBe(true);
  for (const other of [
    "https://example.com",
    "https://a.b.example.com",
    "http://eu.example.com",
    "https://eu.example.com.evil.example",
    "https://evil.example/.example.com",
    "https://euxexample.com",
  ]) {
    expect([other, rule.test(other)]).toEqual([other, false]);
  }
  expect(originRule("capacitor://localhost")).toBe("capacitor://localhost");
});
