--- @include ../../../redis/lua/idempotency.lua
--- @include ./change.lua
-- Sets a total. No threshold is crossed by that; all are armed anew.
-- KEYS  1 counter's meta  2 kept answer  3 topic
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4 epoch of a new counter  5 value
-- Returns {"ok", previous value, "new" or "known"}, or the refusal: {"kind"},
-- {"min <limit>"} or {"max <limit>"}.

local meta, kept, topic = KEYS[1], KEYS[2], KEYS[3]
local known = first_answer(kept, ARGV[1])
if known then return known end

local state, now = read_state(meta), now_ms()
if state.kind == 'unique' then return { 'kind' } end
local value, previous = tonumber(ARGV[5]), state.value
local broken = broken_bound(state, value)
if broken then return { broken } end

local is_new = create(state, meta, ARGV[4], 'total', now)
arm_all(state)
state.value = value
commit(state, meta, ARGV[3], topic, now)
return answer(kept, ARGV[1], ARGV[2], { 'ok', exact(previous), is_new and 'new' or 'known' })
