--- @include ./read.lua
--- @args score subscore radius
--- @reply ok: position order newRank total first firstUnder hasMore rows
-- Reads the entries around a score. No entry needs to have this score. `newRank` is the rank that a new entry
-- with the score would get, counted from 1. The argument `rule`, which read.lua declares, chooses how entries
-- with equal scores are ranked. The rest of the reply is a page (pages.lua).

local order, season, subscore_order = begin_read()
if not order then return season end
-- A new entry ranks behind all entries with the same score and subscore.
local zset_score, place = place_behind(order, subscore_order, tonumber(score), tonumber(subscore))
local rank = rank_at(order, season.ranking, zset_score, place)
local reply = page_around(order, season, rank, tonumber(radius))
table.insert(reply, 4, string.format('%.0f', rank_under(order, season, rank, zset_score, place) + 1))
return reply
