--- @include ./ranking.lua
-- What readers see of a ranking: entries one by one and in pages, ranked by the reader's rule.

-- One member's entry as a viewer may see it: nil when it is hidden from them. The member sees it, and who sees all ("").
local function find_for(viewer, order, season, id)
  local rank, score, record, is_hidden = find(order, season, id)
  if is_hidden and viewer ~= '' and viewer ~= id then return nil end
  return rank, score, record, is_hidden
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
