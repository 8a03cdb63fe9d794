--- @include ./read.lua
--- @args viewer member
--- @reply ok: position order rank zsetMember zsetScore record
--- @reply no_entry:
-- Reads one member's entry. `rank` counts from 1.

local order, season = begin_read()
if not order then return season end
local rank, zset_score, zset_member, record = find_for(viewer, order, season, member)
if not rank then return { 'no_entry' } end
local under = rank_under(order, season, rank, zset_score, zset_member)
return { 'ok', position, order, tostring(under + 1), zset_member, zset_score, record }
