--- @include ./ranking.lua
-- A page of entries by offset.
-- KEYS  1 board's meta  2 ranking  3 records
-- ARGV  1 rank of the first entry, from 0  2 how many
-- Returns {"ok", total, rank of the first, whether more follow ("1" or "0"), id, score, record, ...},
-- or {"not_found"}.

local order = redis.call('HGET', KEYS[1], 'order')
if not order then return { 'not_found' } end
local total = redis.call('ZCARD', KEYS[2])
local first = tonumber(ARGV[1])
local last = math.min(first + ARGV[2], total) - 1
return { 'ok', tostring(total), string.format('%.0f', first + 1), last < total - 1 and '1' or '0',
  unpack(rows(order, KEYS[2], KEYS[3], first, last)) }
