--- @include ./ranking.lua
-- A page of entries behind a place in the ranking, whether an entry still stands there or not.
-- KEYS  1 board's meta  2 ranking  3 records
-- ARGV  1 score at that place  2 ZSET member at that place  3 how many
-- Returns what entries.lua returns.

local meta, ranking, records = KEYS[1], KEYS[2], KEYS[3]
local score, place, count = ARGV[1], ARGV[2], tonumber(ARGV[3])
local order = redis.call('HGET', meta, 'order')
if not order then return { 'not_found' } end
local total = redis.call('ZCARD', ranking)

-- The rank of the first entry behind the place, when nothing stands there any more: among the entries of
-- equal score, which are ordered by their bytes, by halving.
local function first_behind()
  local ahead, behind
  if order == 'desc' then
    ahead, behind = redis.call('ZCOUNT', ranking, '(' .. score, '+inf'), redis.call('ZCOUNT', ranking, score, '+inf')
  else
    ahead, behind = redis.call('ZCOUNT', ranking, '-inf', '(' .. score), redis.call('ZCOUNT', ranking, '-inf', score)
  end
  while ahead < behind do
    local middle = math.floor((ahead + behind) / 2)
    local standing = range(order, ranking, middle, middle)[1]
    local is_behind
    if order == 'desc' then is_behind = standing < place else is_behind = standing > place end
    if is_behind then behind = middle else ahead = middle + 1 end
  end
  return ahead
end

local standing = redis.call('ZSCORE', ranking, place)
local stands = standing and tonumber(standing) == tonumber(score)
local first = stands and rank_of(order, ranking, place) + 1 or first_behind()
local last = math.min(first + count, total) - 1
return { 'ok', tostring(total), tostring(first + 1), last < total - 1 and '1' or '0',
  unpack(rows(order, ranking, records, first, last)) }
