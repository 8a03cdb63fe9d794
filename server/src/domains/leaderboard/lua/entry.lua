--- @include ./reading.lua
-- One member's entry.
-- KEYS, ARGV 1-6  reading.lua
-- ARGV  7 who asks: a member, "" for a server  8 member
-- Returns {"ok", rank from 1, score, record}, what reading.lua says, or {"no_entry"}.

local order, season, rule = reading()
if not order then return season end
local rank, score, record = find_for(ARGV[7], order, season, ARGV[8])
if not rank then return { 'no_entry' } end
local under = rank_under(rule, order, season, rank, score, place_in(record) .. ARGV[8])
return { 'ok', tostring(under + 1), score, record }
