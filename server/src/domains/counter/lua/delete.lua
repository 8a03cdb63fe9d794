--- @include ../../../redis/lua/idempotency.lua
--- @include ./state.lua
-- Deletes a counter. Watchers see it go to 0.
-- KEYS  1 counter's meta  2 kept answer  3 topic  4... its series and visitors
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH
-- Returns {"ok", "now"}, {"ok"} for a repeat, or {"not_found"}.

local meta, kept, topic = KEYS[1], KEYS[2], KEYS[3]
local known = first_answer(kept, ARGV[1])
if known then return known end

local state = read_state(meta)
if not state.epoch then return { 'not_found' } end
redis.call('UNLINK', meta, unpack(KEYS, 4))
redis.call(ARGV[3], topic, state.epoch .. ' ' .. exact(state.offset + 1) .. ' 0')
answer(kept, ARGV[1], ARGV[2], { 'ok' })
return { 'ok', 'now' }
