--- @include ./field-rankings.lua
-- Changes a ranking, and its distinct scores where they exist.
--
-- The distinct scores are a ZSET with one member for all entries that are level. It exists only after a
-- dense read (count-distinct.lua). Every change of a ranking that has them updates them.

-- Whether the distinct scores exist. Asks Redis once per run.
local function is_counted(season)
  if season.is_counted == nil then season.is_counted = redis.call('EXISTS', season.distinct) == 1 end
  return season.is_counted
end

local function add(season, score, zset_member)
  redis.call('ZADD', season.ranking, score, zset_member)
  if is_counted(season) then
    redis.call('ZADD', season.distinct, score, distinct_member(score, zset_member))
  end
end

local function subtract(order, season, score, zset_member)
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

-- The fields that the board ranks by. begin_write() sets them.
local ranked_fields = {}

-- Adds a visible entry to the season's ranking and to those of its values.
local function put_in(season, score, zset_member, metadata)
  add(season, score, zset_member)
  for field, value in pairs(values_in(metadata, ranked_fields)) do
    add(count_value(season, field, value), score, zset_member)
  end
end

-- Takes a visible entry out of the season's ranking and out of those of its values.
local function take_out(order, season, score, zset_member, metadata)
  subtract(order, season, score, zset_member)
  for field, value in pairs(values_in(metadata, ranked_fields)) do
    subtract(order, field_ranking(season, value), score, zset_member)
    uncount_value(season, field, value)
  end
end

-- Moves a visible entry between the rankings of its values, when only its metadata changes.
local function move_values(order, season, score, zset_member, old_metadata, new_metadata)
  local old, new = values_in(old_metadata, ranked_fields), values_in(new_metadata, ranked_fields)
  for field, value in pairs(old) do
    if new[field] ~= value then
      subtract(order, field_ranking(season, value), score, zset_member)
      uncount_value(season, field, value)
    end
  end
  for field, value in pairs(new) do
    if old[field] ~= value then add(count_value(season, field, value), score, zset_member) end
  end
end

-- The rule that new metadata of a visible entry would break, with its limit and the field; nil when it
-- breaks none.
local function broken_field(season, old_metadata, new_metadata, max_values)
  if #ranked_fields == 0 or old_metadata == new_metadata then return nil end
  local new, unfit = values_in(new_metadata, ranked_fields)
  if unfit then return { 'fieldValue', unfit } end
  local full = field_above_limit(season, values_in(old_metadata, ranked_fields), new, max_values)
  if full then return { 'maxValuesPerField', string.format('%.0f', max_values), full } end
end

-- Removes a member's entry, visible or hidden. Returns whether there was one.
local function remove(order, season, id)
  local record = redis.call('HGET', season.records, id)
  if not record then return false end
  local zset_member = place_in(record) .. id
  local score = redis.call('ZSCORE', season.ranking, zset_member)
  if score then
    local _, metadata = texts_in(record)
    take_out(order, season, score, zset_member, metadata)
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
