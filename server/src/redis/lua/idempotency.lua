--- @reply idempotency:
-- The first answer to an idempotency key, kept so that a repeat has no second effect.
-- An answer is stored as the fingerprint of the input, a line feed, and the reply as JSON, so a reply holds
-- strings and tables only: JSON would cut a number's digits.

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
