--- @include ./entry-codec.lua
-- Reads a season's ranking in the board's order. A season is a table of its keys (season.lua). Ranks in Lua
-- count from 0.

-- How long the distinct scores are kept without a dense read.
local DISTINCT_TTL_MS = 86400000

local function rank_of(order, ranking, zset_member)
  return redis.call(order == 'desc' and 'ZREVRANK' or 'ZRANK', ranking, zset_member)
end

-- The ZSET members from rank `first` to rank `last`, each followed by its score.
local function range(order, ranking, first, last)
  if last < first then return {} end
  return redis.call(order == 'desc' and 'ZREVRANGE' or 'ZRANGE', ranking, first, last, 'WITHSCORES')
end

-- The number of entries with a better score, and with a better or the same score.
local function around_score(order, ranking, score)
  if order == 'desc' then
    return redis.call('ZCOUNT', ranking, '(' .. score, '+inf'),
      redis.call('ZCOUNT', ranking, score, '+inf')
  end
  return redis.call('ZCOUNT', ranking, '-inf', '(' .. score), redis.call('ZCOUNT', ranking, '-inf', score)
end

-- The first rank in [first, behind) whose ZSET member satisfies `is_reached`, else `behind`. Binary search:
-- once it holds, it must hold for all later ranks.
local function first_rank(order, ranking, first, behind, is_reached)
  while first < behind do
    local middle = math.floor((first + behind) / 2)
    if is_reached(range(order, ranking, middle, middle)[1]) then
      behind = middle
    else
      first = middle + 1
    end
  end
  return first
end

-- The rank that a place has or would have: the number of entries ahead of it.
local function rank_at(order, ranking, score, place)
  local ahead, behind = around_score(order, ranking, score)
  return first_rank(order, ranking, ahead, behind, function(zset_member)
    if order == 'desc' then return zset_member <= place end
    return zset_member >= place
  end)
end

local MAX_VALUE_BYTES = 256

-- A value as part of a key: its type, one letter, and its text. Nil for a value that can't be ranked by.
local function value_text(value)
  if type(value) == 'string' and #value <= MAX_VALUE_BYTES then return 's' .. value end
  if type(value) == 'number' then return 'n' .. string.format('%.17g', value) end
  if type(value) == 'boolean' then return 'b' .. tostring(value) end
  return nil
end

-- Whether an entry has the value of a field's ranking (field-rankings.lua).
local function has_value(record, season)
  local _, metadata = texts_in(record)
  local value = metadata ~= '' and cjson.decode(metadata)[season.field]
  return season.value == season.field .. ':' .. (value_text(value) or '')
end

-- One member's rank, score, record, and whether it is hidden; nil without an entry. A hidden entry is in no
-- ranking, and has the rank that it would have.
local function find(order, season, id)
  local record = redis.call('HGET', season.records, id)
  if not record then return nil end
  local zset_member = place_in(record) .. id
  if season.field and not has_value(record, season) then return nil end
  local score = redis.call('ZSCORE', season.ranking, zset_member)
  if score then return rank_of(order, season.ranking, zset_member), score, record, false end
  score = redis.call('ZSCORE', season.hidden, zset_member)
  return rank_at(order, season.ranking, score, zset_member), score, record, true
end
