--- @include ./layout.lua
-- Reading a ranking in the board's order. Ranks here count from 0; a missing member has no rank.

local function rank_of(order, ranking, zset_member)
  return redis.call(order == 'desc' and 'ZREVRANK' or 'ZRANK', ranking, zset_member)
end

-- The ZSET members from rank `first` to rank `last`, each followed by its score.
local function range(order, ranking, first, last)
  if last < first then return {} end
  return redis.call(order == 'desc' and 'ZREVRANGE' or 'ZRANGE', ranking, first, last, 'WITHSCORES')
end

-- The entries from rank `first` to rank `last`, flat: id, score, record.
local function rows(order, ranking, records, first, last)
  local found = range(order, ranking, first, last)
  local ids = {}
  for at = 1, #found, 2 do ids[#ids + 1] = id_in(found[at]) end
  if #ids == 0 then return {} end
  local kept = redis.call('HMGET', records, unpack(ids))
  local flat = {}
  for at = 1, #ids do
    flat[#flat + 1] = ids[at]
    flat[#flat + 1] = found[2 * at]
    flat[#flat + 1] = kept[at]
  end
  return flat
end

-- One member's entry: rank, score, record; nil when it has none.
local function find(order, ranking, records, id)
  local record = redis.call('HGET', records, id)
  if not record then return nil end
  local zset_member = place_in(record) .. id
  return rank_of(order, ranking, zset_member), redis.call('ZSCORE', ranking, zset_member), record
end
