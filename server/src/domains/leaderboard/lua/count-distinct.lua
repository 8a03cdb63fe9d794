--- @include ./where.lua
--- @include ./ranking-changes.lua
--- @args limit afterZsetScore afterZsetMember
--- @reply ok: zsetScore zsetMember
-- Collects the distinct scores of a season for dense ranks, in several runs. Each run reads the next `limit`
-- entries. It begins behind the entry with the ZSET score `after_zset_score` and the ZSET member
-- `after_zset_member`; both are "" for the first run. Replies ZSET score and ZSET member of the last entry
-- that it read, or only `ok` after the last entry of the season. From the first run on, every change of the
-- ranking also updates the distinct scores (ranking-changes.lua). The ZSET with the distinct scores has the
-- additional member "counting" until a run has read the last entry, and then "counted". Both rank behind all
-- scores.

local season, order = read_window(now_ms())
if not season then return order end
local last = order == 'desc' and '-inf' or '+inf'
if redis.call('ZSCORE', season.distinct, 'counted') then return { 'ok' } end

local is_begun = redis.call('ZSCORE', season.distinct, 'counting')
if not is_begun then redis.call('ZADD', season.distinct, last, 'counting') end
redis.call('PEXPIRE', season.distinct, DISTINCT_TTL_MS)
-- If the key has expired since the last run, this run begins again at the first entry.
local continues = is_begun and after_zset_member ~= ''
local first = continues and rank_at(order, season.ranking, after_zset_score, after_zset_member) or 0
local found = range(order, season.ranking, first, first + tonumber(limit) - 1)
for at = 1, #found, 2 do
  add_level(season, found[at + 1], found[at])
end
if #found == 2 * tonumber(limit) then return { 'ok', found[#found], found[#found - 1] } end
redis.call('ZREM', season.distinct, 'counting')
redis.call('ZADD', season.distinct, last, 'counted')
return { 'ok' }
