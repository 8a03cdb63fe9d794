--- @include ./ranking.lua
-- One member's entry.
-- KEYS  1 board's meta  2 ranking  3 records
-- ARGV  1 member
-- Returns {"ok", rank from 1, score, record}, {"not_found"} when there is no board, or {"no_entry"}.

local order = redis.call('HGET', KEYS[1], 'order')
if not order then return { 'not_found' } end
local rank, score, record = find(order, KEYS[2], KEYS[3], ARGV[1])
if not rank then return { 'no_entry' } end
return { 'ok', tostring(rank + 1), score, record }
