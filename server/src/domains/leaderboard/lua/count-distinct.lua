--- @include ./season.lua
--- @include ./standing.lua
-- Notes the distinct scores of a season, for dense ranks: some entries at a time, so that nobody waits for long. From the
-- first run on every change of the ranking keeps them right, so that the last run makes them whole. They are there as
-- long as the ZSET has the member "counting" or "counted", which stands behind all scores.
-- KEYS  1 board's meta  2 seasons  3... window (season.lua)
-- ARGV  1 plan  2... window (season.lua)  6 how many  7 score and  8 ZSET member behind which to go on, "" to begin
-- Returns {"ok"} when they are counted, {"ok", score, ZSET member} to go on behind that, or what season.lua says.

local season = believed_window(3, 2)
local wrong = disproved(KEYS[1], KEYS[2], ARGV[1], { season }, now_ms())
if wrong then return wrong end
local order, count = redis.call('HGET', KEYS[1], 'order'), tonumber(ARGV[6])
local last = order == 'desc' and '-inf' or '+inf'
if redis.call('ZSCORE', season.distinct, 'counted') then return { 'ok' } end

local is_begun = redis.call('ZSCORE', season.distinct, 'counting')
if not is_begun then redis.call('ZADD', season.distinct, last, 'counting') end
redis.call('PEXPIRE', season.distinct, DISTINCT_TTL_MS)
-- What was noted may be gone meanwhile.
local goes_on = is_begun and ARGV[8] ~= ''
local first = goes_on and rank_at(order, season.ranking, ARGV[7], ARGV[8]) or 0
local found = range(order, season.ranking, first, first + count - 1)
for at = 1, #found, 2 do
  redis.call('ZADD', season.distinct, found[at + 1], distinct_member(found[at + 1], found[at]))
end
if #found == 2 * count then return { 'ok', found[#found], found[#found - 1] } end
redis.call('ZREM', season.distinct, 'counting')
redis.call('ZADD', season.distinct, last, 'counted')
return { 'ok' }
