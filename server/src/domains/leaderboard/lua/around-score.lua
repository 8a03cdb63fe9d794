--- @include ./read.lua
--- @args score subscore radius
--- @reply ok: position newRank total first firstUnder hasMore rows
-- Reads the entries around a score, whether or not an entry has it. `newRank`, from 1, is the rank of a new
-- entry with this score; the rest is a page (pages.lua).

local order, season, subscore_order = begin_read()
if not order then return season end
local exact_score = string.format('%.17g', tonumber(score) + 0)
-- A new entry ranks behind all entries that are level with it.
local place = place_of(order, subscore_order, tonumber(subscore), MAX_SEQUENCE)
local rank = rank_at(order, season.ranking, exact_score, place)
local reply = page_around(order, season, rank, tonumber(radius))
table.insert(reply, 3, string.format('%.0f', rank_under(order, season, rank, exact_score, place) + 1))
return reply
