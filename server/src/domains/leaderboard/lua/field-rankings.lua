--- @include ./ranking.lua
-- The rankings by metadata field of a board with `fields`: one for each value that an entry of the season
-- has.
--
-- The HASH `values` of a season counts the entries by "<field>:<value>", and the values by "<field>". The
-- ranking of a value has the key of that HASH, ":r:" and "<field>:<value>"; its distinct scores have ":d:".
-- The keys share the board's hash tag. They are built here because only a stored record tells which value
-- an entry leaves.

-- The "<field>:<value>" of an entry's metadata, by field; and the field whose value can't be ranked by, if
-- any.
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

-- The ranking of one value, as a table like the season's.
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

-- Removes an entry from the count of its value, and the value with its last entry.
local function uncount_value(season, field, value)
  if redis.call('HINCRBY', season.values, value, -1) > 0 then return end
  redis.call('HDEL', season.values, value)
  redis.call('UNLINK', season.values .. ':d:' .. value)
  if redis.call('HINCRBY', season.values, field, -1) == 0 then
    redis.call('HDEL', season.values, field)
  end
end

-- The field that would get a value above the limit if an entry had `new` values in place of `old` ones; nil
-- if none.
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
