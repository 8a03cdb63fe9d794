--- @include ./ring.lua
--- @keys resultSlots[]: results
--- @args callers[]: writer subject scope? fingerprint?
-- One run serves many callers in order of arrival. `writer` is "server" or "user". A user whose token grants
-- `submit` counts as a server (callOf in handlers.ts). `scope` names the caller's idempotency key, and
-- `fingerprint` is a hash of the input. Without an idempotency key, `scope` and `fingerprint` are "".
--
-- The first result for each idempotency key must be kept. With one Redis key per result, a run would need a
-- write for each caller. So a counter keeps its results in a ring of HASHes, one for each minute (ring.lua),
-- and a run adds all its results with one HSET. A HASH maps a scope to "<fingerprint> <result>". A result is
-- kept for at least five minutes.

local MINUTE_MS = 60000

local function result_ring() return ring_of(result_slots_count, result_slots_at, 'results') end

local function read_results(ring, scopes)
  local known = {}
  if #scopes == 0 then return known end
  for _, slot in ipairs(ring) do
    for at, result in ipairs(redis.call('HMGET', slot, unpack(scopes))) do
      if result then known[scopes[at]] = result end
    end
  end
  return known
end

-- Appends a result for each caller to `reply`. `serve(writer, subject)` returns the result and whether it is
-- a refusal. A repeat with the same idempotency key gets the first result.
local function serve_callers(now, reply, serve)
  local ring, callers, scopes, new_results = result_ring(), {}, {}, {}
  for number = 1, callers_count do
    local caller = callers_at(number)
    callers[number] = caller
    if caller.scope ~= '' then scopes[#scopes + 1] = caller.scope end
  end
  local known = read_results(ring, scopes)
  for _, caller in ipairs(callers) do
    local first = known[caller.scope]
    if first then
      local prefix = caller.fingerprint .. ' '
      local is_same = string.sub(first, 1, #prefix) == prefix
      reply[#reply + 1] = is_same and string.sub(first, #prefix + 1) or 'idempotency'
    else
      local result, is_refused = serve(caller.writer, caller.subject)
      reply[#reply + 1] = result
      -- A refusal is not kept: it changed nothing, and a repeat may succeed.
      if caller.scope ~= '' and not is_refused then
        known[caller.scope] = caller.fingerprint .. ' ' .. result
        new_results[#new_results + 1] = caller.scope
        new_results[#new_results + 1] = known[caller.scope]
      end
    end
  end
  if #new_results == 0 then return end
  write_in_ring(ring, MINUTE_MS, now, function(slot) redis.call('HSET', slot, unpack(new_results)) end)
end
