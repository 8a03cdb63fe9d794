--- @include ./layout.lua
-- Reading a season's ranking in the board's order. A season is a table of its keys (season.lua). Ranks here
-- count from 0; a missing member has no rank.

-- How long distinct scores are kept when nobody asks for dense ranks.
local DISTINCT_TTL_MS = 86400000

local function rank_of(order, ranking, zset_member)
  return redis.call(order == 'desc' and 'ZREVRANK' or 'ZRANK', ranking, zset_member)
end

-- The ZSET members from rank `first` to rank `last`, each followed by its score.
local function range(order, ranking, first, last)
  if last < first then return {} end
  return redis.call(order == 'desc' and 'ZREVRANGE' or 'ZRANGE', ranking, first, last, 'WITHSCORES')
end

-- How many entries have a better score, and how many a better one or this one.
local function around_score(order, ranking, score)
  if order == 'desc' then
    return redis.call('ZCOUNT', ranking, '(' .. score, '+inf'), redis.call('ZCOUNT', ranking, score, '+inf')
  end
  return redis.call('ZCOUNT', ranking, '-inf', '(' .. score), redis.call('ZCOUNT', ranking, '-inf', score)
end

-- The first rank from `first` on, below `behind`, at which `is_reached` holds for the ZSET member; `behind` when at none.
-- Once it holds it has to hold for all that follow: it is found by halving.
local function first_rank(order, ranking, first, behind, is_reached)
  while first < behind do
    local middle = math.floor((first + behind) / 2)
    if is_reached(range(order, ranking, middle, middle)[1]) then behind = middle else first = middle + 1 end
  end
  return first
end

-- The rank at which a place stands, or would stand: how many entries are ahead of it.
local function rank_at(order, ranking, score, place)
  local ahead, behind = around_score(order, ranking, score)
  return first_rank(order, ranking, ahead, behind, function(standing)
    if order == 'desc' then return standing <= place end
    return standing >= place
  end)
end

-- The rank, under a rule for entries that are level ("ordinal", "competition" or "dense"), of the one at `rank`.
local function rank_under(rule, order, season, rank, score, zset_member)
  if rule == 'ordinal' then return rank end
  if rule == 'dense' then return rank_at(order, season.distinct, score, distinct_member(score, zset_member)) end
  local pair = pair_in(zset_member)
  local function is_level(standing) return pair_in(standing) == pair end
  local ahead = around_score(order, season.ranking, score)
  -- Mostly all who have the score are level in it.
  if ahead == rank or is_level(range(order, season.ranking, ahead, ahead)[1]) then return ahead end
  return first_rank(order, season.ranking, ahead, rank, is_level)
end

-- The entries from rank `first` to rank `last`, flat: id, score, record.
local function rows(order, season, first, last)
  local found = range(order, season.ranking, first, last)
  local ids = {}
  for at = 1, #found, 2 do ids[#ids + 1] = id_in(found[at]) end
  if #ids == 0 then return {} end
  local kept = redis.call('HMGET', season.records, unpack(ids))
  local flat = {}
  for at = 1, #ids do
    flat[#flat + 1] = ids[at]
    flat[#flat + 1] = found[2 * at]
    flat[#flat + 1] = kept[at]
  end
  return flat
end

-- The reply of a script that reads a page: {"ok", total, rank of the first from 1, the same under `rule`, whether more
-- follow ("1" or "0"), id, score, record, ...}.
local function page(rule, order, season, first, last)
  local total = redis.call('ZCARD', season.ranking)
  last = math.min(last, total - 1)
  local found = rows(order, season, first, last)
  local first_under = first
  if #found > 0 then
    first_under = rank_under(rule, order, season, first, found[2], place_in(found[3]) .. found[1])
  end
  return { 'ok', tostring(total), string.format('%.0f', first + 1), string.format('%.0f', first_under + 1),
    last < total - 1 and '1' or '0', unpack(found) }
end

-- As many entries on each side of `rank` as asked for, and at an edge more on the other side.
local function page_around(rule, order, season, rank, radius)
  local width = 2 * radius + 1
  local first = math.max(0, math.min(rank - radius, redis.call('ZCARD', season.ranking) - width))
  return page(rule, order, season, first, first + width - 1)
end

-- One member's entry: rank, score, record, whether it is hidden; nil when it has none. A hidden one stands in no
-- ranking: its rank is the one that it would have.
local function find(order, season, id)
  local record = redis.call('HGET', season.records, id)
  if not record then return nil end
  local zset_member = place_in(record) .. id
  local score = redis.call('ZSCORE', season.ranking, zset_member)
  if score then return rank_of(order, season.ranking, zset_member), score, record, false end
  score = redis.call('ZSCORE', season.hidden, zset_member)
  return rank_at(order, season.ranking, score, zset_member), score, record, true
end

-- The same as a viewer may see it: nil when it is hidden from them. Servers ("") and the member itself see it.
local function find_for(viewer, order, season, id)
  local rank, score, record, is_hidden = find(order, season, id)
  if is_hidden and viewer ~= '' and viewer ~= id then return nil end
  return rank, score, record, is_hidden
end
