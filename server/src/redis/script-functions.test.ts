import { afterAll, beforeAll, expect, it } from "vitest";
import { connectTestRedis, type TestRedis } from "../../test/support/redis-client.js";
import { arrangeFunctions } from "./script-functions.js";

const text = `local made = 0
local calls = {}

local function twice(number) return number * 2 end

-- Nothing calls unused().
local function unused()
  return only_of_unused()
end

local function only_of_rare(number)
  made = made + 1
  return twice(number) + made
end

-- The rare way.
--- @lazy
local function lazy(number)
  if number > 100 then return number end
  return only_of_rare(number)
end

--- @lazy
local function other_rare(number) return lazy(number) + 1000 end

local function common(number)
  calls.lazy = 'a field'
  if number < 10 then return twice(number) end
  return lazy(number)
end

if ARGV[2] then return other_rare(tonumber(ARGV[1])) end
return common(tonumber(ARGV[1])) + common(1)
`;
const arranged = arrangeFunctions(text);
/** Every run executes `start`. `rest` begins with the rarely used functions: a run defines them when it first calls one. */
const [start, rest] = arranged.split("lazy_functions = function()");

let connections: TestRedis;
beforeAll(async () => {
  connections = await connectTestRedis();
});
afterAll(() => connections.close());

it("an arranged script gives the same results as its original", async () => {
  const { commands } = connections;
  for (const args of [["3"], ["10"], ["500"], ["20", "other"]]) {
    const expected = await commands.call("EVAL", text, 0, ...args);
    expect(await commands.call("EVAL", arranged, 0, ...args)).toEqual(expected);
  }
});

it("leaves out functions that nothing calls", () => {
  expect(arranged).not.toMatch(/local function unused/);
});

it("defines lazy functions, and functions that only they call, when a lazy function is called first", () => {
  expect(start).toMatch(/local function twice/);
  expect(start).not.toMatch(/local function (only_of_rare|lazy|other_rare)/);
  expect(rest).toMatch(
    /local function only_of_rare[\s\S]*local function lazy[\s\S]*local function other_rare/,
  );
  expect(rest).toMatch(/lazy_functions\(\)\.lazy\(number\)[\s\S]*lazy_functions\(\)\.other_rare\(/);
});

it("does not change a script without unused and lazy functions", () => {
  const plain = "local function one() return 1 end\nreturn one()\n";
  expect(arrangeFunctions(plain)).toBe(plain);
});
