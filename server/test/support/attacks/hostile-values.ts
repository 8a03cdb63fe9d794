import fc from "fast-check";

const ESCAPE = 0x1b;

/** Texts with a special meaning in JSON, Lua, Redis, HTTP, paths, terminals or Unicode. */
export const hostileTexts: readonly string[] = [
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "{",
  "}",
  "{}",
  "{lb:x}",
  "gs:{lb:x}:meta",
  "*",
  "?",
  "[a-z]*",
  "\\*",
  "']] redis.call('FLUSHALL')",
  "' .. redis.call('FLUSHALL') .. '",
  '"; return redis.call("KEYS", "*")',
  "*1\r\n$8\r\nFLUSHALL\r\n",
  "\r\nFLUSHALL\r\n",
  "x\r\nSet-Cookie: a=b",
  "\n\ndata: forged\n\n",
  "\0",
  "a\0b",
  `${String.fromCharCode(ESCAPE)}[2J`,
  "\ud800",
  "\udfff",
  "\ud83d\ude00\ud83d",
  "\u202egnp.exe",
  "\ufeff",
  "\u2028",
  "e\u0301",
  "\u00e9",
  "İ",
  "ß",
  "🎯",
  "👩‍👩‍👧‍👦",
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "..",
  ".",
  "%00",
  "%2e%2e",
  "%",
  "%zz",
  "%c0%ae",
  "a/b",
  "a?b=c#d",
  "NaN",
  "Infinity",
  "-0",
  "1e400",
  "0x10",
  "null",
  "true",
  "[object Object]",
  "<script>alert(1)</script>",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the attack is this literal text
  "${7*7}",
  "all",
  "dm:a:b",
  "dm:b:a",
  "dm:@:@",
  "chat:lobby",
  "presence:lobby",
  "user:ann",
  "leaderboard:b1",
  "A".repeat(128),
  "A".repeat(129),
  "é".repeat(200),
  "x".repeat(5_000),
  "👍".repeat(2_000),
];

/** Number literals that `JSON.stringify` never writes. `jsonOf` puts them into JSON unchanged. */
const hostileNumbers = ["1e400", "-1e400", "1e-400", "-0", "123456789012345678901234567890", "0.1e1"];

const RAW = "\u{f0000}";

/** The JSON of a value. A string that starts with `RAW` is written without `RAW` and quotes. */
export function jsonOf(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replaceAll(new RegExp(`"${RAW}([^"]*)"`, "gu"), "$1");
}

export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 140 }) },
);

/** Objects and arrays nested within each other. */
function nested(levels: number, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Values of every type: most are invalid for any field. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(...hostileNumbers.map((number) => RAW + number)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2 ** 31,
      2 ** 53 - 1,
      2 ** 53,
      -(2 ** 53),
      1e308,
      -1e308,
      5e-324,
      [],
      {},
      [[]],
      [null],
      { length: 1e9 },
      // biome-ignore lint/suspicious/noThenProperty: a value with a field `then` must not be treated as a promise
      { then: "x", toJSON: "y", constructor: { prototype: { isAdmin: true } } },
      Object.fromEntries([["__proto__", { isAdmin: true, limit: 7 }]]),
      { _placeholder: true, num: 0 },
      { type: "Buffer", data: [1, 2, 3] },
      nested(31, 1),
      nested(32, 1),
      nested(33, 1),
      nested(500, 1),
      Array.from({ length: 1_001 }, (_, at) => `m${at}`),
      Array.from({ length: 3_000 }, () => 1),
      Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, at])),
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);
