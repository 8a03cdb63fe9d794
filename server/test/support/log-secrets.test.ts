import { expect, it } from "vitest";
import { LogSecrets } from "./log-secrets.js";

const settings = {
  GRANDSTAND_API_KEYS: "game:key-of-the-game,other:key-of-another",
  GRANDSTAND_TOKEN_SECRET: "a secret of tests",
  REDIS_URL: "redis://user:p%40ssword@127.0.0.1:6379/0",
  GRANDSTAND_PREFIX: "gs",
};

it.each([
  "a call with key-of-another",
  "verified with a secret of tests",
  "connecting to p@ssword",
  `session gss_${"x".repeat(43)}`,
  `key gsk_${"x".repeat(43)}`,
  "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWl0",
])("LogSecrets finds the secret in: %s", (line) => {
  const secrets = new LogSecrets(settings);
  secrets.log().info("a line without a secret, but with the prefix gs");
  secrets.assertNone();
  secrets.log().info(line);
  expect(() => secrets.assertNone()).toThrow("The log contains secrets");
});
