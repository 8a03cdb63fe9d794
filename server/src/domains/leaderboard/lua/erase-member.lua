--- @include ./entry-codec.lua
--- @keys hiddenMembers
--- @keys seasons[]: ranking records hidden
--- @args member tombstone
--- @reply ok: erased
-- Replaces a member's entries in closed seasons with tombstones: entries with the same score and place, so
-- that all ranks stay, but without the id, profile and metadata. Removes hidden entries, which have no rank.

local erased = 0
for number = 1, seasons_count do
  local season = seasons_at(number)
  local record = redis.call('HGET', season.records, member)
  if record then
    local place = place_in(record)
    local score = redis.call('ZSCORE', season.ranking, place .. member)
    if score then
      redis.call('ZREM', season.ranking, place .. member)
      redis.call('ZADD', season.ranking, score, place .. tombstone)
      redis.call('HSET', season.records, tombstone, record_of(place, reached_at_in(record), '', ''))
    end
    redis.call('ZREM', season.hidden, place .. member)
    redis.call('HDEL', season.records, member)
    erased = erased + 1
  end
end
redis.call('SREM', HIDDEN_MEMBERS_KEY, member)
return { 'ok', string.format('%.0f', erased) }
