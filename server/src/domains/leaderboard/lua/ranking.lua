--- @include ./records.lua
-- Reads a season's ranking in the board's order. `season` is a table of the season's keys (season.lua). Ranks
-- count from 0 inside of scripts, and from 1 in replies. entry-codec.lua chooses the ZSET score and the ZSET
-- member of an entry.
--
-- `@lazy` marks functions that few runs call. A run that calls none of them saves the time to create them
-- (script-functions.ts).

-- The TTL of the key with a ranking's distinct scores, for dense ranks. Each read with dense ranks renews it.
local DISTINCT_TTL_MS = 86400000

local function rank_of(order, ranking, zset_member)
  return redis.call(order == 'desc' and 'ZREVRANK' or 'ZRANK', ranking, zset_member)
end

-- The ZSET members from rank `first` to rank `last`, each followed by its ZSET score.
local function range(order, ranking, first, last)
  if last < first then return {} end
  return redis.call(order == 'desc' and 'ZREVRANGE' or 'ZRANGE', ranking, first, last, 'WITHSCORES')
end

-- The number of entries with a better ZSET score, and the number with a better or the same ZSET score.
local function around_zset_score(order, ranking, zset_score)
  if order == 'desc' then
    return redis.call('ZCOUNT', ranking, '(' .. zset_score, '+inf'),
      redis.call('ZCOUNT', ranking, zset_score, '+inf')
  end
  return redis.call('ZCOUNT', ranking, '-inf', '(' .. zset_score),
    redis.call('ZCOUNT', ranking, '-inf', zset_score)
end

-- Finds the first rank in [first, behind) whose ZSET member satisfies `is_reached`, or returns `behind`.
-- This is a binary search, so if one ZSET member satisfies `is_reached`, all later ones must do so.
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

-- The rank that an entry with this ZSET score and ZSET member has or would have.
--- @lazy
local function rank_at(order, ranking, zset_score, zset_member)
  local ahead, behind = around_zset_score(order, ranking, zset_score)
  return first_rank(order, ranking, ahead, behind, function(other)
    if order == 'desc' then return other <= zset_member end
    return other >= zset_member
  end)
end

local MAX_VALUE_BYTES = 256

-- A metadata value as part of a key: a letter for its type, and its text. Example: "sgold" for the string
-- "gold". Nil for a value that a board can't rank by, such as a list.
local function value_text(value)
  if type(value) == 'string' and #value <= MAX_VALUE_BYTES then return 's' .. value end
  if type(value) == 'number' then return 'n' .. string.format('%.17g', value) end
  if type(value) == 'boolean' then return 'b' .. tostring(value) end
  return nil
end

-- Here `season` is the ranking of one metadata value (read_window() in where.lua): `season.field` is the name
-- of the field, and `season.value` is "<field>:<value>". Returns whether an entry's record has that value.
--- @lazy
local function has_value(record, season)
  local _, metadata = texts_in(record)
  if metadata == '' then return false end
  local value = cjson.decode(metadata)[season.field]
  return season.value == season.field .. ':' .. (value_text(value) or '')
end

-- Finds a member's entry. Returns its ZSET score, ZSET member, record ('' without one), and whether it is
-- hidden; or nil if the member has no entry.
local function locate(season, id)
  local record = redis.call('HGET', season.records, id)
  if season.field and not has_value(record or '', season) then return nil end
  local zset_member = record and prefix_in(record) .. id or id
  local zset_score = redis.call('ZSCORE', season.ranking, zset_member)
  if zset_score then return zset_score, zset_member, record or '', false end
  if not record then
    record = bare_record(season, id)
    zset_member = prefix_in(record) .. id
    zset_score = record ~= '' and redis.call('ZSCORE', season.ranking, zset_member)
    if zset_score then return zset_score, zset_member, record, false end
  end
  zset_score = redis.call('ZSCORE', season.hidden, zset_member)
  if zset_score then return zset_score, zset_member, record, true end
  return nil
end

-- Finds a member's entry with its rank. Returns the rank, then the values of locate(); or nil if the member
-- has no entry. A hidden entry gets the rank that it would have if it were visible.
local function find(order, season, id)
  local zset_score, zset_member, record, is_hidden = locate(season, id)
  if not zset_score then return nil end
  local rank = is_hidden and rank_at(order, season.ranking, zset_score, zset_member)
    or rank_of(order, season.ranking, zset_member)
  return rank, zset_score, zset_member, record, is_hidden
end
