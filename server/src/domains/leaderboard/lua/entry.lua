--- @include ./read.lua
--- @args viewer member
--- @reply ok: position order rank zsetMember point record
--- @reply no_entry:
-- Reads one member's entry. `rank` counts from 1.

local order, season = begin_read()
if not order then return season end
local rank, point, zset_member, record = find_for(viewer, order, season, member)
if not rank then return { 'no_entry' } end
local under = rank_under(order, season, rank, point, zset_member)
return { 'ok', position, order, tostring(under + 1), zset_member, point, record }
