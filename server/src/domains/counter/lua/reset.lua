--- @include ../../../redis/lua/idempotency.lua
--- @include ./change.lua
-- Reads a counter and clears it: a total goes back to where it began, a unique counter forgets its visitors. All
-- thresholds are armed anew. The series stay.
-- KEYS  1 counter's meta  2 kept answer  3 topic  4... shares of the visitors
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH
-- Returns {"ok", previous value}.

local meta, kept, topic = KEYS[1], KEYS[2], KEYS[3]
local known = first_answer(kept, ARGV[1])
if known then return known end

local state, now = read_state(meta), now_ms()
local previous = state.value
-- What was never written to is clear.
if state.epoch then
  if state.kind == 'unique' then redis.call('UNLINK', unpack(KEYS, 4)) end
  arm_all(state)
  state.value = origin_of(state.min, state.max)
  commit(state, meta, ARGV[3], topic, now)
end
return answer(kept, ARGV[1], ARGV[2], { 'ok', exact(previous) })
