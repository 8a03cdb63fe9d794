--- @include ./read.lua
--- @args zsetScore zsetMember limit
--- @reply ok: position order total first firstUnder hasMore rows
-- Reads the page of entries after the entry with this ZSET score and ZSET member. If the entry has moved or
-- was removed, the page begins with the first entry behind its former place.

local order, season = begin_read()
if not order then return season end
local zset_score_now = redis.call('ZSCORE', season.ranking, zset_member)
local exists = zset_score_now and tonumber(zset_score_now) == tonumber(zset_score)
local first = exists and rank_of(order, season.ranking, zset_member) + 1
  or rank_at(order, season.ranking, zset_score, zset_member)
return page(order, season, first, first + limit - 1)
