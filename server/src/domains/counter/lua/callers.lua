--- @include ./ring.lua
--- @keys answerSlots[]: answers
--- @args callers[]: writer subject scope? fingerprint?
-- One run serves many callers in order of arrival. `writer` is "server" or "user". `scope` and `fingerprint`
-- belong to the caller's idempotency key, "" for none.
--
-- The first answer to each idempotency key must be kept. One Redis key per answer would need one write per
-- caller, although a run serves many callers with a few writes. So a counter keeps its answers in a ring of
-- HASHes, one for each minute (ring.lua), and a run adds all its answers with one HSET. A HASH maps a scope
-- to "<fingerprint> <answer>". An answer is kept for at least five minutes.

local MINUTE_MS = 60000

local function answer_ring() return ring_of(answer_slots_count, answer_slots_at, 'answers') end

local function read_answers(ring, scopes)
  local known = {}
  if #scopes == 0 then return known end
  for _, slot in ipairs(ring) do
    for at, answer in ipairs(redis.call('HMGET', slot, unpack(scopes))) do
      if answer then known[scopes[at]] = answer end
    end
  end
  return known
end

-- Appends an answer for each caller to `reply`. `serve(writer, subject)` returns the answer and whether it is
-- a refusal. A repeat with the same idempotency key gets the first answer.
local function serve_callers(now, reply, serve)
  local ring, callers, scopes, new_answers = answer_ring(), {}, {}, {}
  for number = 1, callers_count do
    local caller = callers_at(number)
    callers[number] = caller
    if caller.scope ~= '' then scopes[#scopes + 1] = caller.scope end
  end
  local known = read_answers(ring, scopes)
  for _, caller in ipairs(callers) do
    local first = known[caller.scope]
    if first then
      local prefix = caller.fingerprint .. ' '
      local is_same = string.sub(first, 1, #prefix) == prefix
      reply[#reply + 1] = is_same and string.sub(first, #prefix + 1) or 'idempotency'
    else
      local answer, is_refused = serve(caller.writer, caller.subject)
      reply[#reply + 1] = answer
      -- A refusal is not kept: it changed nothing, and a repeat may succeed.
      if caller.scope ~= '' and not is_refused then
        known[caller.scope] = caller.fingerprint .. ' ' .. answer
        new_answers[#new_answers + 1] = caller.scope
        new_answers[#new_answers + 1] = known[caller.scope]
      end
    end
  end
  if #new_answers == 0 then return end
  write_in_ring(ring, MINUTE_MS, now, function(slot) redis.call('HSET', slot, unpack(new_answers)) end)
end
