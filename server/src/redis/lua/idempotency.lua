--- @keys firstReply
--- @args fingerprint replyTtlMs
--- @reply idempotency:
-- A script that includes this file replies `idempotency` if the key was used with another input.
--
-- Keeps the first reply to an idempotency key, so that a repeated call gets it and has no second effect.
-- `fingerprint` is a hash of the input, "" for a call without a key. The stored form is the fingerprint, a
-- line feed, and the reply as JSON. A reply may contain strings and tables only, because cjson would round
-- large numbers.

-- Returns nil when the write has to run. If the key was used before, the write must not run again. Then this
-- returns the first reply, or {"idempotency"} if the first call had another input.
local function first_reply()
  if fingerprint == '' then return nil end
  local kept = redis.call('GET', FIRST_REPLY_KEY)
  if not kept then return nil end
  local line = string.find(kept, '\n', 1, true)
  if string.sub(kept, 1, line - 1) ~= fingerprint then return { 'idempotency' } end
  return cjson.decode(string.sub(kept, line + 1))
end

-- Keeps `reply` as the first reply, and returns it.
local function keep_reply(reply)
  if fingerprint ~= '' then
    redis.call('SET', FIRST_REPLY_KEY, fingerprint .. '\n' .. cjson.encode(reply), 'PX', reply_ttl_ms)
  end
  return reply
end
