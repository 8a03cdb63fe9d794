--- @include ./field-rankings.lua
--- @keys hiddenMembers
--- @keys seasons[]: ranking records hidden values
--- @args member tombstone
--- @reply ok: erased
-- Replaces a member's entries in closed seasons with tombstones. A tombstone has another id, and neither
-- profile nor metadata. Hidden entries are removed, because they have no rank.
--
-- An entry's place depends on its ZSET score, and on the prefix before the id in its ZSET member
-- (entry-codec.lua). A tombstone keeps both, so no rank changes.

local function replace(ranking, zset_score, prefix)
  redis.call('ZREM', ranking, prefix .. member)
  redis.call('ZADD', ranking, zset_score, prefix .. tombstone)
end

-- A board may have a ranking for each value of a metadata field (field-rankings.lua). Replaces the entry in
-- the rankings of the entry's values. A value that no other entry has is removed, because it may identify the
-- member. The HASH `season.values` has an entry count for each value that has a ranking. The board's rules
-- can't show which values have a ranking, because the rules may have changed after this season.
local function replace_in_field_rankings(season, zset_score, prefix, metadata)
  for field, value in pairs(metadata ~= '' and cjson.decode(metadata) or {}) do
    local text = string.find(field, ':', 1, true) == nil and value_text(value)
    local key = text and field .. ':' .. text
    local count = key and redis.call('HGET', season.values, key)
    if count == '1' then
      redis.call('UNLINK', field_ranking(season, key).ranking)
      uncount_value(season, field, key)
    elseif count then
      replace(field_ranking(season, key).ranking, zset_score, prefix)
    end
  end
end

local erased = 0
for number = 1, seasons_count do
  local season = seasons_at(number)
  local zset_score, zset_member, record, is_hidden = locate(season, member)
  if zset_score then
    if is_hidden then
      redis.call('ZREM', season.hidden, zset_member)
    else
      local prefix = prefix_in(record)
      local _, metadata, own_time = texts_in(record)
      replace(season.ranking, zset_score, prefix)
      replace_in_field_rankings(season, zset_score, prefix, metadata)
      set_record(season, tombstone, '', record_of(prefix, own_time, '', ''))
    end
    set_record(season, member, record, '')
    erased = erased + 1
  end
end
redis.call('SREM', HIDDEN_MEMBERS_KEY, member)
return { 'ok', string.format('%.0f', erased) }
