--- @include ./reading.lua
-- A page of entries by offset.
-- KEYS, ARGV 1-6  reading.lua
-- ARGV  7 rank of the first entry, from 0  8 how many
-- Returns a page (pages.lua), or what reading.lua says.

local order, season, rule = reading()
if not order then return season end
local first = tonumber(ARGV[7])
return page(rule, order, season, first, first + ARGV[8] - 1)
