--- @include ./entry-codec.lua
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
