--- @include ./ranking.lua
-- The entries around a member: as many on each side as asked for, and at an edge more on the other side.
-- KEYS  1 board's meta  2 ranking  3 records
-- ARGV  1 member  2 radius
-- Returns what entries.lua returns, or {"no_entry"}.

local meta, ranking, records = KEYS[1], KEYS[2], KEYS[3]
local order = redis.call('HGET', meta, 'order')
if not order then return { 'not_found' } end
local rank = find(order, ranking, records, ARGV[1])
if not rank then return { 'no_entry' } end
local total = redis.call('ZCARD', ranking)
local width = 2 * ARGV[2] + 1
local first = math.max(0, math.min(rank - ARGV[2], total - width))
local last = math.min(first + width, total) - 1
return { 'ok', tostring(total), tostring(first + 1), last < total - 1 and '1' or '0',
  unpack(rows(order, ranking, records, first, last)) }
