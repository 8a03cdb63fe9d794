--- @include ./field-rankings.lua
-- Changes a ranking, and its distinct scores where they exist.
--
-- The distinct scores of a ranking are a ZSET with one member for each different pair of score and subscore.
-- It exists only after a read with dense ranks (count-distinct.lua). From then on, every change of the
-- ranking updates it.
--
-- `@lazy` marks a function that few runs call (script-functions.ts).

-- Whether the distinct scores exist. Reads this from Redis once, and keeps the answer in the table `season`.
local function is_counted(season)
  if season.is_counted == nil then season.is_counted = redis.call('EXISTS', season.distinct) == 1 end
  return season.is_counted
end

--- @lazy
local function add_level(season, zset_score, zset_member)
  local score = exact(score_in(zset_score, zset_member))
  redis.call('ZADD', season.distinct, score, level_in(zset_score, zset_member))
end

local function add(season, zset_score, zset_member)
  redis.call('ZADD', season.ranking, zset_score, zset_member)
  if is_counted(season) then add_level(season, zset_score, zset_member) end
end

local function subtract(order, season, zset_score, zset_member)
  if is_counted(season) then
    local rank = rank_of(order, season.ranking, zset_member)
    local level, is_alone = level_in(zset_score, zset_member), true
    local near = range(order, season.ranking, math.max(0, rank - 1), rank + 1)
    for at = 1, #near, 2 do
      if near[at] ~= zset_member and level_in(near[at + 1], near[at]) == level then is_alone = false end
    end
    if is_alone then redis.call('ZREM', season.distinct, level) end
  end
  redis.call('ZREM', season.ranking, zset_member)
end

-- The board's `fields`: metadata fields with a ranking for each of their values (field-rankings.lua).
-- open_for_write() (write.lua) sets them.
local ranked_fields = {}

-- Adds a visible entry to the rankings of its metadata values.
--- @lazy
local function put_in_values(season, zset_score, zset_member, metadata)
  for field, value in pairs(values_in(metadata, ranked_fields)) do
    add(count_value(season, field, value), zset_score, zset_member)
  end
end

-- Adds a visible entry to the season's ranking and to the rankings of its metadata values.
local function put_in(season, zset_score, zset_member, metadata)
  add(season, zset_score, zset_member)
  if #ranked_fields > 0 then put_in_values(season, zset_score, zset_member, metadata) end
end

-- Removes a visible entry from the season's ranking and from the rankings of its metadata values.
--- @lazy
local function take_out(order, season, zset_score, zset_member, metadata)
  subtract(order, season, zset_score, zset_member)
  for field, value in pairs(values_in(metadata, ranked_fields)) do
    subtract(order, field_ranking(season, value), zset_score, zset_member)
    uncount_value(season, field, value)
  end
end

-- Replaces a visible entry by one with another ZSET score, ZSET member or metadata, in all rankings.
local function move_to(order, season, old, new)
  if #ranked_fields == 0 and not is_counted(season) then
    if old.zset_member ~= new.zset_member then redis.call('ZREM', season.ranking, old.zset_member) end
    redis.call('ZADD', season.ranking, new.zset_score, new.zset_member)
    return
  end
  take_out(order, season, old.zset_score, old.zset_member, old.metadata)
  put_in(season, new.zset_score, new.zset_member, new.metadata)
end

-- Moves a visible entry from the rankings of its old metadata values to the rankings of its new ones. The
-- entry's ZSET score and ZSET member must be unchanged.
--- @lazy
local function move_values(order, season, zset_score, zset_member, old_metadata, new_metadata)
  local old, new = values_in(old_metadata, ranked_fields), values_in(new_metadata, ranked_fields)
  for field, value in pairs(old) do
    if new[field] ~= value then
      subtract(order, field_ranking(season, value), zset_score, zset_member)
      uncount_value(season, field, value)
    end
  end
  for field, value in pairs(new) do
    if old[field] ~= value then add(count_value(season, field, value), zset_score, zset_member) end
  end
end

--- @lazy
local function broken_value(season, old_metadata, new_metadata, max_values)
  local new, unfit = values_in(new_metadata, ranked_fields)
  if unfit then return { 'fieldValue', unfit } end
  local full = field_above_limit(season, values_in(old_metadata, ranked_fields), new, max_values)
  if full then return { 'maxValuesPerField', string.format('%.0f', max_values), full } end
end

-- The reply that refuses new metadata of a visible entry, because the board can't rank by a value or
-- because a field would have too many values; nil if the metadata is allowed.
local function broken_field(season, old_metadata, new_metadata, max_values)
  if #ranked_fields == 0 or old_metadata == new_metadata then return nil end
  return broken_value(season, old_metadata, new_metadata, max_values)
end

-- Removes a member's entry, visible or hidden. Returns whether there was one.
local function remove(order, season, id)
  local zset_score, zset_member, record, is_hidden = locate(season, id)
  if not zset_score then return false end
  if is_hidden then
    redis.call('ZREM', season.hidden, zset_member)
  else
    local _, metadata = texts_in(record)
    take_out(order, season, zset_score, zset_member, metadata)
  end
  set_record(season, id, record, '')
  return true
end

-- Removes the worst entries of the ranking until it has at most `most`; then the same for the hidden entries.
-- Removes at most `at_once` entries in total. Returns `at_once` less the number of removed entries.
--- @lazy
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
