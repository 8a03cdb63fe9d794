--- @include ./read.lua
--- @args viewer member
--- @reply ok: position rank score record
--- @reply no_entry:
-- Reads one member's entry. `rank` counts from 1.

local order, season = begin_read()
if not order then return season end
local rank, score, record = find_for(viewer, order, season, member)
if not rank then return { 'no_entry' } end
local under = rank_under(order, season, rank, score, place_in(record) .. member)
return { 'ok', position, tostring(under + 1), score, record }
