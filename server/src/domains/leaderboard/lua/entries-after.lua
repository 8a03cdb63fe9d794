--- @include ./read.lua
--- @args point place limit
--- @reply ok: position order total first firstUnder hasMore rows
-- Reads the page of entries after one entry. `point` is that entry's ZSET score, and `place` its ZSET member.
-- If the entry has moved or was removed, the page begins with the first entry behind its former place.

local order, season = begin_read()
if not order then return season end
local point_now = redis.call('ZSCORE', season.ranking, place)
local exists = point_now and tonumber(point_now) == tonumber(point)
local first = exists and rank_of(order, season.ranking, place) + 1
  or rank_at(order, season.ranking, point, place)
return page(order, season, first, first + limit - 1)
