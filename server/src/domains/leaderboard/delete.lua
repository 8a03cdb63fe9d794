--- @include ../../redis/idempotency.lua
-- Deletes a board. Watchers see it empty.
-- KEYS  1 board's meta  2 kept answer  3 topic  4... rankings and records of all its seasons
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH
-- Returns {"ok", "now"}, {"ok"} for a repeat, or {"not_found"}.

local meta, kept, topic = KEYS[1], KEYS[2], KEYS[3]
local known = first_answer(kept, ARGV[1])
if known then return known end

local board = redis.call('HMGET', meta, 'epoch', 'offset')
if not board[1] then return { 'not_found' } end
redis.call('UNLINK', meta, unpack(KEYS, 4))
redis.call(ARGV[3], topic, board[1] .. ' ' .. string.format('%.0f', board[2] + 1))
answer(kept, ARGV[1], ARGV[2], { 'ok' })
return { 'ok', 'now' }
