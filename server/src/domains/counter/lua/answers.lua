--- @include ./ring.lua
-- One run of a script answers many callers, in the order in which they came. Those with an idempotency key get their
-- first answer again. A key in Redis for each of them would make every add a write of its own, so the answers of a
-- counter share a ring of seven HASHes, one for each minute: scope to "<fingerprint> <answer>". An answer is kept for
-- five minutes at least.

local MINUTE_MS = 60000

local function known_answers(ring, scopes)
  local known = {}
  if #scopes == 0 then return known end
  for _, slot in ipairs(ring) do
    for at, answer in ipairs(redis.call('HMGET', slot, unpack(scopes))) do
      if answer then known[scopes[at]] = answer end
    end
  end
  return known
end

-- Keeps answers, given flat: scope, answer, scope, answer, ...
local function keep_answers(ring, answers, now)
  if #answers == 0 then return end
  write_in_ring(ring, MINUTE_MS, now, function(slot) redis.call('HSET', slot, unpack(answers)) end)
end

-- The callers are the arguments from `first` on, four for each: "server" or "user", what it asks for, and scope and
-- fingerprint of its idempotency key, "" for none. `carry_out(writer, subject)` gives the answer, and whether that is
-- a refusal. Appends the answers to `reply`.
local function answer_callers(ring, first, now, reply, carry_out)
  local scopes, kept = {}, {}
  for at = first + 2, #ARGV, 4 do if ARGV[at] ~= '' then scopes[#scopes + 1] = ARGV[at] end end
  local known = known_answers(ring, scopes)
  for at = first, #ARGV, 4 do
    local scope, fingerprint = ARGV[at + 2], ARGV[at + 3]
    local before = known[scope]
    if before then
      local is_same = string.sub(before, 1, #fingerprint + 1) == fingerprint .. ' '
      reply[#reply + 1] = is_same and string.sub(before, #fingerprint + 2) or 'idempotency'
    else
      local answer, is_refused = carry_out(ARGV[at], ARGV[at + 1])
      reply[#reply + 1] = answer
      -- What was refused changed nothing: a repeat may fare better.
      if scope ~= '' and not is_refused then
        known[scope] = fingerprint .. ' ' .. answer
        kept[#kept + 1] = scope
        kept[#kept + 1] = known[scope]
      end
    end
  end
  keep_answers(ring, kept, now)
end
