--- @include ./read.lua
--- @args score subscore radius
--- @reply ok: position order newRank total first firstUnder hasMore rows
-- Reads the entries around a score, whether or not an entry has it. `newRank`, from 1, is the rank of a new
-- entry with this score; the rest is a page (pages.lua).

local order, season, subscore_order = begin_read()
if not order then return season end
-- A new entry ranks behind all entries that are level with it.
local point, place = place_behind(order, subscore_order, tonumber(score), tonumber(subscore))
local rank = rank_at(order, season.ranking, point, place)
local reply = page_around(order, season, rank, tonumber(radius))
table.insert(reply, 4, string.format('%.0f', rank_under(order, season, rank, point, place) + 1))
return reply
