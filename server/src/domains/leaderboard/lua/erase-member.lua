--- @include ./field-rankings.lua
--- @keys hiddenMembers
--- @keys seasons[]: ranking records hidden values
--- @args member tombstone
--- @reply ok: erased
-- Replaces a member's entries in closed seasons with tombstones: entries with the same score and place, so
-- that all ranks stay, but without the id, profile and metadata. Removes hidden entries, which have no rank.

local function replace(ranking, score, place)
  redis.call('ZREM', ranking, place .. member)
  redis.call('ZADD', ranking, score, place .. tombstone)
end

-- Replaces the entry in the rankings by value. A value that no other entry has is removed: it may identify
-- the member. The board may rank by other fields now, so the season's own counts tell what is ranked.
local function replace_in_field_rankings(season, score, place, metadata)
  for field, value in pairs(metadata ~= '' and cjson.decode(metadata) or {}) do
    local text = string.find(field, ':', 1, true) == nil and value_text(value)
    local key = text and field .. ':' .. text
    local count = key and redis.call('HGET', season.values, key)
    if count == '1' then
      redis.call('UNLINK', field_ranking(season, key).ranking)
      uncount_value(season, field, key)
    elseif count then
      replace(field_ranking(season, key).ranking, score, place)
    end
  end
end

local erased = 0
for number = 1, seasons_count do
  local season = seasons_at(number)
  local record = redis.call('HGET', season.records, member)
  if record then
    local place = place_in(record)
    local score = redis.call('ZSCORE', season.ranking, place .. member)
    if score then
      local _, metadata = texts_in(record)
      replace(season.ranking, score, place)
      replace_in_field_rankings(season, score, place, metadata)
      redis.call('HSET', season.records, tombstone, record_of(place, reached_at_in(record), '', ''))
    end
    redis.call('ZREM', season.hidden, place .. member)
    redis.call('HDEL', season.records, member)
    erased = erased + 1
  end
end
redis.call('SREM', HIDDEN_MEMBERS_KEY, member)
return { 'ok', string.format('%.0f', erased) }
