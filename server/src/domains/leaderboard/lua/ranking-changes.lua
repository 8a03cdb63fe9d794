--- @include ./ranking.lua
-- Changes a ranking, and its distinct scores where they exist.
--
-- The distinct scores are a ZSET with one member for all entries that are level. It exists only after a
-- dense read (count-distinct.lua). Every change of a ranking that has them updates them.

-- Whether the distinct scores exist. Asks Redis once per run.
local function is_counted(season)
  if season.is_counted == nil then season.is_counted = redis.call('EXISTS', season.distinct) == 1 end
  return season.is_counted
end

local function put_in(season, score, zset_member)
  redis.call('ZADD', season.ranking, score, zset_member)
  if is_counted(season) then
    redis.call('ZADD', season.distinct, score, distinct_member(score, zset_member))
  end
end

local function take_out(order, season, score, zset_member)
  if is_counted(season) then
    local rank = rank_of(order, season.ranking, zset_member)
    local pair, is_alone = distinct_member(score, zset_member), true
    local near = range(order, season.ranking, math.max(0, rank - 1), rank + 1)
    for at = 1, #near, 2 do
      if near[at] ~= zset_member and distinct_member(near[at + 1], near[at]) == pair then
        is_alone = false
      end
    end
    if is_alone then redis.call('ZREM', season.distinct, pair) end
  end
  redis.call('ZREM', season.ranking, zset_member)
end

-- Removes a member's entry, visible or hidden. Returns whether there was one.
local function remove(order, season, id)
  local record = redis.call('HGET', season.records, id)
  if not record then return false end
  local zset_member = place_in(record) .. id
  local score = redis.call('ZSCORE', season.ranking, zset_member)
  if score then
    take_out(order, season, score, zset_member)
  else
    redis.call('ZREM', season.hidden, zset_member)
  end
  redis.call('HDEL', season.records, id)
  return true
end

-- Removes the worst of the visible and of the hidden entries until `most` of each are left, but at most
-- `at_once` of them. Returns how many more the run may remove.
local function trim(order, season, most, at_once)
  for _, zset in ipairs({ season.ranking, season.hidden }) do
    local surplus = math.min(redis.call('ZCARD', zset) - most, at_once)
    at_once = at_once - math.max(0, surplus)
    for _ = 1, surplus do
      local worst = order == 'desc' and 0 or -1
      remove(order, season, id_in(redis.call('ZRANGE', zset, worst, worst)[1]))
    end
  end
  return at_once
end
