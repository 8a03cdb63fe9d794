--- @include ./reading.lua
-- A page of entries behind a place in the ranking, whether an entry still stands there or not.
-- KEYS, ARGV 1-6  reading.lua
-- ARGV  7 score at that place  8 ZSET member at that place  9 how many
-- Returns a page (pages.lua), or what reading.lua says.

local order, season, rule = reading()
if not order then return season end
local score, place = ARGV[7], ARGV[8]
local standing = redis.call('ZSCORE', season.ranking, place)
local stands = standing and tonumber(standing) == tonumber(score)
local first = stands and rank_of(order, season.ranking, place) + 1 or rank_at(order, season.ranking, score, place)
return page(rule, order, season, first, first + ARGV[9] - 1)
