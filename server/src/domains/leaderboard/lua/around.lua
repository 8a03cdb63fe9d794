--- @include ./read.lua
--- @args viewer member radius
--- @reply ok: position order total first firstUnder hasMore rows
--- @reply no_entry:
-- Reads the entries around a member as a page (pages.lua describes the reply). The page of a hidden member
-- lies around the rank that the member would have, and does not contain the member's own entry.

local order, season = begin_read()
if not order then return season end
local rank = find_for(viewer, order, season, member)
if not rank then return { 'no_entry' } end
return page_around(order, season, rank, tonumber(radius))
