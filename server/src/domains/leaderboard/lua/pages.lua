--- @include ./rows.lua
-- Pages of entries, with ranks under the reader's rule: ordinal, competition or dense (`rule` of read.lua).

-- The position: the board's epoch and offset. Every change of an open season changes the position.
-- begin_read() sets it.
local position

-- Turns the ordinal rank of an entry, `rank`, into its rank under the reader's rule. Both ranks count from 0.
local function rank_under(order, season, rank, zset_score, zset_member)
  if rule == 'ordinal' then return rank end
  if rule == 'dense' then
    local level = level_in(zset_score, zset_member)
    return rank_at(order, season.distinct, exact(score_in(zset_score, zset_member)), level)
  end
  return rank_at(order, season.ranking, place_ahead_of_level(order, zset_score, zset_member))
end

-- The reply with a page: {"ok", position, order, total, ordinal rank of the first entry, its rank under the
-- reader's rule, "1" if more entries follow or else "0", rows (rows.lua)}. Both ranks count from 1.
local function page(order, season, first, last)
  local total = redis.call('ZCARD', season.ranking)
  last = math.min(last, total - 1)
  local found, zset_member, zset_score = rows(order, season, first, last)
  local first_under = first
  if zset_member then first_under = rank_under(order, season, first, zset_score, zset_member) end
  return {
    'ok',
    position,
    order,
    tostring(total),
    string.format('%.0f', first + 1),
    string.format('%.0f', first_under + 1),
    last < total - 1 and '1' or '0',
    found,
  }
end

-- The page with `radius` entries on each side of `rank`. At an end of the ranking, where one side has fewer
-- entries, the page has more entries of the other side.
local function page_around(order, season, rank, radius)
  local width = 2 * radius + 1
  local first = math.max(0, math.min(rank - radius, redis.call('ZCARD', season.ranking) - width))
  return page(order, season, first, first + width - 1)
end
