--- @include ./season.lua
--- @include ./pages.lua
-- How the scores of a season are distributed.
-- KEYS  1 board's meta  2 seasons  3... window (season.lua)
-- ARGV  1 plan  2... window (season.lua)  6 who asks: a member, "" for a server  7 number of histogram steps  8 most entries to
--       take a mean of  9 "member", "score" or ""  10 the member or the score  11... quantiles, above 0 and up to 1
-- Returns {"ok", count, percentile or "", mean or "", {score of each quantile}, {the bounds of the histogram's steps, one
-- more than there are}, {count of each step}}, what season.lua says, or {"no_entry"}. Numbers are strings.

local season = believed_window(3, 2)
local wrong = disproved(KEYS[1], KEYS[2], ARGV[1], { season }, now_ms())
if wrong then return wrong end
local order, ranking = redis.call('HGET', KEYS[1], 'order'), season.ranking
local steps, most_for_mean = tonumber(ARGV[7]), tonumber(ARGV[8])
local count = redis.call('ZCARD', ranking)

local function exact(number) return string.format('%.17g', number) end

local score = ARGV[9] == 'score' and ARGV[10] or nil
if ARGV[9] == 'member' then
  local rank
  rank, score = find_for(ARGV[6], order, season, ARGV[10])
  if not rank then return { 'no_entry' } end
end
if count == 0 then return { 'ok', '0', '', '', {}, {}, {} } end

local percentile = ''
if score then
  local _, ahead_or_level = around_score(order, ranking, score)
  percentile = exact((count - ahead_or_level) / count * 100)
end

local mean = ''
if count <= most_for_mean then
  local sum = 0
  local all = redis.call('ZRANGE', ranking, 0, -1, 'WITHSCORES')
  for at = 2, #all, 2 do sum = sum + all[at] / count end
  mean = exact(sum)
end

local function score_at(index) return redis.call('ZRANGE', ranking, index, index, 'WITHSCORES')[2] end

local quantiles = {}
for at = 11, #ARGV do quantiles[#quantiles + 1] = score_at(math.ceil(ARGV[at] * count) - 1) end

local min, max = tonumber(score_at(0)), tonumber(score_at(count - 1))
if min == max then steps = 1 end
local bounds, counts, below = { exact(min) }, {}, 0
for step = 1, steps do
  local bound = max
  if step < steps and max - min < math.huge then bound = math.min(max, min + (max - min) * (step / steps))
  -- The distance is more than a number holds: parts of both ends, then.
  elseif step < steps then bound = min * ((steps - step) / steps) + max * (step / steps) end
  local up_to = step == steps and count or redis.call('ZCOUNT', ranking, '-inf', '(' .. exact(bound))
  bounds[step + 1], counts[step] = exact(bound), tostring(up_to - below)
  below = up_to
end
return { 'ok', tostring(count), percentile, mean, quantiles, bounds, counts }
