--- @include ./where.lua
--- @include ./rows.lua
--- @args viewer bins maxForMean subject subjectValue
--- @args quantiles[]
--- @reply ok: count percentile mean scores bounds counts
--- @reply no_entry:
-- Reads how the scores of a season are distributed. `subject` is "member", "score" or "", and `subject_value`
-- is the member or score for which to compute the percentile. `scores` are the scores at the quantiles.
-- `bounds` are the bounds of the histogram's bins, one more than there are bins, and `counts` the number of
-- entries in each bin. `percentile` is "" without a subject, and `mean` is "" for more than `max_for_mean`
-- entries. If the season has no entries, all but `count` are empty. Numbers are strings.

local season, order = read_window(now_ms())
if not season then return order end
local ranking, bin_count = season.ranking, tonumber(bins)
local count = redis.call('ZCARD', ranking)

local score = subject == 'score' and tonumber(subject_value) or nil
if subject == 'member' then
  local rank, zset_score, zset_member = find_for(viewer, order, season, subject_value)
  if not rank then return { 'no_entry' } end
  score = score_in(zset_score, zset_member)
end
if count == 0 then return { 'ok', '0', '', '', {}, {}, {} } end

local percentile = ''
if score then
  local ahead_or_level = rank_at(order, ranking, place_behind_score(order, score))
  percentile = exact((count - ahead_or_level) / count * 100)
end

local mean = ''
if count <= tonumber(max_for_mean) then
  local sum = 0
  local all = redis.call('ZRANGE', ranking, 0, -1, 'WITHSCORES')
  for at = 2, #all, 2 do
    sum = sum + score_in(all[at], all[at - 1]) / count
  end
  mean = exact(sum)
end

local function score_at(index)
  local found = redis.call('ZRANGE', ranking, index, index, 'WITHSCORES')
  return score_in(found[2], found[1])
end

local function count_below(score)
  -- place_behind_score() with 'desc' gives a place between the entries with this score and those with lower
  -- scores. rank_at() with 'asc' counts the entries from the lowest score up to that place.
  return rank_at('asc', ranking, place_behind_score('desc', score))
end

local scores = {}
for number = 1, quantiles_count do
  scores[number] = exact(score_at(math.ceil(quantiles_at(number) * count) - 1))
end

local min, max = score_at(0), score_at(count - 1)
if min == max then bin_count = 1 end
local bounds, counts, below = { exact(min) }, {}, 0
for bin = 1, bin_count do
  local bound = max
  local share = bin / bin_count
  if bin < bin_count then
    -- If max - min overflows to infinity, compute the bound as a weighted mean of min and max.
    bound = max - min < math.huge and math.min(max, min + (max - min) * share)
      or min * ((bin_count - bin) / bin_count) + max * share
  end
  local up_to = bin == bin_count and count or count_below(bound)
  bounds[bin + 1], counts[bin] = exact(bound), tostring(up_to - below)
  below = up_to
end
return { 'ok', tostring(count), percentile, mean, scores, bounds, counts }
