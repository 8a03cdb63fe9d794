--- @include ./ranking.lua
-- A board with `fields` has additional rankings by metadata: one for each value that these fields have in
-- entries of the season.
--
-- The HASH `values` of a season has a field "<field>:<value>" with the number of entries that have the value,
-- and a field "<field>" with the number of different values. The key of a value's ranking consists of the key
-- of that HASH, ":r:" and "<field>:<value>". The key of a value's distinct scores has ":d:" instead of ":r:".
-- Both keys share the board's hash tag. Scripts build both keys, because a node can't name them: only the
-- stored record contains the old value of an entry.

-- The ranked values in an entry's metadata: a table from field to "<field>:<value>". If a board can't rank by
-- one of the values (value_text() in ranking.lua), the second result is the name of that value's field.
local function values_in(metadata, fields)
  local values = {}
  if metadata == '' or #fields == 0 then return values end
  local decoded = cjson.decode(metadata)
  for _, field in ipairs(fields) do
    local value = decoded[field]
    if value ~= nil and value ~= cjson.null then
      local text = value_text(value)
      if not text then return values, field end
      values[field] = field .. ':' .. text
    end
  end
  return values
end

-- The ranking of one value, as a table like `season`.
local function field_ranking(season, value)
  return {
    name = season.name,
    season = season.season,
    records = season.records,
    hidden = season.hidden,
    ranking = season.values .. ':r:' .. value,
    distinct = season.values .. ':d:' .. value,
    value = value,
  }
end

-- Adds an entry to the count of its value. Returns the value's ranking.
local function count_value(season, field, value)
  local count = redis.call('HINCRBY', season.values, value, 1)
  if count == 1 then redis.call('HINCRBY', season.values, field, 1) end
  return field_ranking(season, value)
end

-- Removes an entry from the count of its value. Removes the value if this was its last entry.
local function uncount_value(season, field, value)
  if redis.call('HINCRBY', season.values, value, -1) > 0 then return end
  redis.call('HDEL', season.values, value)
  redis.call('UNLINK', season.values .. ':d:' .. value)
  if redis.call('HINCRBY', season.values, field, -1) == 0 then
    redis.call('HDEL', season.values, field)
  end
end

-- The field that would have more than `limit` values if an entry's `old` values became `new`; nil if none.
local function field_above_limit(season, old, new, limit)
  for field, value in pairs(new) do
    if old[field] ~= value and not redis.call('HGET', season.values, value) then
      local count = tonumber(redis.call('HGET', season.values, field) or 0)
      local leaves = old[field] and redis.call('HGET', season.values, old[field]) == '1'
      if count - (leaves and 1 or 0) >= limit then return field end
    end
  end
end

-- Deletes all keys of a season.
local function unlink_season(season)
  for _, value in ipairs(redis.call('HKEYS', season.values)) do
    if string.find(value, ':', 1, true) then
      redis.call('UNLINK', season.values .. ':r:' .. value, season.values .. ':d:' .. value)
    end
  end
  redis.call('UNLINK', season.ranking, season.records, season.hidden, season.distinct, season.values)
end
