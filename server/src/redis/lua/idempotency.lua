--- @reply idempotency:
-- Stores the first reply to an idempotency key, so that a repeated call gets it and has no second effect.
-- The stored form is the fingerprint of the input, a line feed, and the reply as JSON. A reply may contain
-- strings and tables only, because cjson would round large numbers.

-- Returns the reply to give without any effect: the first answer, or {"idempotency"} when the key came with
-- another input; nil when the operation is to run.
local function first_answer(key, fingerprint)
  if fingerprint == '' then return nil end
  local kept = redis.call('GET', key)
  if not kept then return nil end
  local line = string.find(kept, '\n', 1, true)
  if string.sub(kept, 1, line - 1) ~= fingerprint then return { 'idempotency' } end
  return cjson.decode(string.sub(kept, line + 1))
end

-- Keeps `reply` as the first answer and returns it.
local function answer(key, fingerprint, ttl_ms, reply)
  if fingerprint ~= '' then
    redis.call('SET', key, fingerprint .. '\n' .. cjson.encode(reply), 'PX', ttl_ms)
  end
  return reply
end
