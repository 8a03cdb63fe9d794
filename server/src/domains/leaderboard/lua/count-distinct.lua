--- @include ./where.lua
--- @include ./ranking-changes.lua
--- @args count afterPoint afterZsetMember
--- @reply ok: point zsetMember
-- Counts the distinct scores of a season for dense ranks, `count` entries per run, behind a point and ZSET
-- member ("" to begin). Replies where to continue; nothing when the count is complete. From the first run
-- on, every change of the ranking updates them. The ZSET's member "counting" or "counted", which sorts
-- behind all scores, says how far the count is.

local season, order = read_window(now_ms())
if not season then return order end
local last = order == 'desc' and '-inf' or '+inf'
if redis.call('ZSCORE', season.distinct, 'counted') then return { 'ok' } end

local is_begun = redis.call('ZSCORE', season.distinct, 'counting')
if not is_begun then redis.call('ZADD', season.distinct, last, 'counting') end
redis.call('PEXPIRE', season.distinct, DISTINCT_TTL_MS)
-- The key may have expired since the last run: begin again.
local continues = is_begun and after_zset_member ~= ''
local first = continues and rank_at(order, season.ranking, after_point, after_zset_member) or 0
local found = range(order, season.ranking, first, first + tonumber(count) - 1)
for at = 1, #found, 2 do
  add_level(season, found[at + 1], found[at])
end
if #found == 2 * tonumber(count) then return { 'ok', found[#found], found[#found - 1] } end
redis.call('ZREM', season.distinct, 'counting')
redis.call('ZADD', season.distinct, last, 'counted')
return { 'ok' }
