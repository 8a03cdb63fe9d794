--- @include ./reading.lua
-- The entries around a member: as many on each side as asked for, and at an edge more on the other side.
-- KEYS, ARGV 1-6  reading.lua
-- ARGV  7 who asks: a member, "" for a server  8 member  9 radius
-- Returns a page (pages.lua), what reading.lua says, or {"no_entry"}. A hidden member itself is not in it.

local order, season, rule = reading()
if not order then return season end
local rank = find_for(ARGV[7], order, season, ARGV[8])
if not rank then return { 'no_entry' } end
return page_around(rule, order, season, rank, tonumber(ARGV[9]))
