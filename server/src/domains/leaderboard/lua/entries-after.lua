--- @include ./read.lua
--- @args score place limit
--- @reply ok: position total first firstUnder hasMore rows
-- Reads the page of entries behind a score and ZSET member, whether or not that entry still exists.

local order, season = begin_read()
if not order then return season end
local present = redis.call('ZSCORE', season.ranking, place)
local exists = present and tonumber(present) == tonumber(score)
local first = exists and rank_of(order, season.ranking, place) + 1
  or rank_at(order, season.ranking, score, place)
return page(order, season, first, first + limit - 1)
