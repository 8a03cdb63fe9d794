--- @include ../../redis/idempotency.lua
--- @include ./ranking.lua
--- @include ./change.lua
-- Submits one or more scores to one board, each on its own, in order.
-- KEYS  1 board's meta  2 kept answer  3 topic  4 ranking  5 records
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH
--       4 "server" or "member": who writes  5 "full" or "brief" results
--       6 profile JSON of the members ("" = as it is)  7 how many arguments each score has, 2 to 5
--       8... for each score: member, score, subscore (0), metadata JSON ("" = as it is, "null" = none),
--            operator ("" = the board's); those that no score needs are left out, from the right
-- Returns {"ok", result, result, ...}, or {"not_found"}, or {"forbidden"}.
-- A result is {rule, limit} for a refused score, else {"ok", score, subscore, rank, improved ("1" or "0")},
-- and when full also {..., reachedAt in ms, profile JSON, metadata JSON} and, for a member that had an entry,
-- {..., score, subscore, rank} of before. Ranks count from 1. Numbers are strings, exact.

local meta, kept, topic, ranking, records = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local fingerprint, answer_ttl, publish, writer, detail = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local profile = ARGV[6]

local known = first_answer(kept, fingerprint)
if known then return known end

local board = redis.call('HMGET', meta, 'epoch', 'offset', 'order', 'operator', 'submit', 'min', 'max',
  'maxDelta', 'minIntervalMs')
local epoch, offset, order, board_operator, policy = unpack(board, 1, 5)
local min, max, max_delta, min_interval = unpack(board, 6, 9)
if not epoch then return { 'not_found' } end
if policy == 'server' and writer ~= 'server' then return { 'forbidden' } end
offset = tonumber(offset)

local now = now_ms()
local function exact(number) return string.format('%.17g', number) end

-- The rule that a change of an entry to `score` and `subscore` would break, with its limit; nil when none.
local function broken_rule(score, subscore)
  if score ~= score or score == math.huge or score == -math.huge or subscore ~= subscore
    or subscore == math.huge or subscore == -math.huge then return { 'overflow' } end
  if min and score < tonumber(min) then return { 'min', min } end
  if max and score > tonumber(max) then return { 'max', max } end
end

local function broken_step(score, before, reached_at)
  if max_delta and math.abs(score - before) > tonumber(max_delta) then return { 'maxDelta', max_delta } end
  if min_interval and now - reached_at < tonumber(min_interval) then
    return { 'minIntervalMs', min_interval, exact(tonumber(min_interval) - (now - reached_at)) }
  end
end

local function is_ahead(score, subscore, other_score, other_subscore)
  if score ~= other_score then return (score > other_score) == (order == 'desc') end
  return subscore ~= other_subscore and (subscore > other_subscore) == (order == 'desc')
end

local changed = false

local function submit(id, score, subscore, metadata, operator)
  if operator == '' then operator = board_operator end
  local rank_before, score_text, record = find(order, ranking, records, id)
  local score_before, subscore_before = tonumber(score_text), record and subscore_in(record)
  if record and operator == 'sum' then
    score, subscore = score_before + score, subscore_before + subscore
  end
  local broken = broken_rule(score, subscore)
  if broken then return broken end

  local improved = not record or is_ahead(score, subscore, score_before, subscore_before)
  local stays = record and (operator == 'best' and not improved
    or score == score_before and subscore == subscore_before)
  local rank, reached_at = rank_before, now
  local kept_profile, kept_metadata = '', ''
  if record then kept_profile, kept_metadata = texts_in(record) end

  if stays then
    score, subscore, reached_at = score_before, subscore_before, reached_at_in(record)
  elseif record then
    broken = broken_step(score, score_before, reached_at_in(record))
    if broken then return broken end
  end

  -- A best score that was not beaten keeps what belongs to it.
  local replaces = not (stays and operator == 'best')
  local new_profile = replaces and profile ~= '' and profile or kept_profile
  local new_metadata = kept_metadata
  if replaces and metadata ~= '' then new_metadata = metadata == 'null' and '' or metadata end

  if not stays or new_profile ~= kept_profile or new_metadata ~= kept_metadata then
    changed, offset = true, offset + 1
    local place = stays and place_in(record) or place_of(order, subscore, offset)
    redis.call('HSET', records, id, record_of(place, reached_at, new_profile, new_metadata))
    if not stays then
      if record then redis.call('ZREM', ranking, place_in(record) .. id) end
      redis.call('ZADD', ranking, exact(score), place .. id)
      rank = rank_of(order, ranking, place .. id)
    end
  end

  local result = { 'ok', exact(score), exact(subscore), exact(rank + 1), improved and '1' or '0' }
  if detail == 'full' then
    result[6], result[7], result[8] = exact(reached_at), new_profile, new_metadata
    if record then
      result[9], result[10], result[11] = exact(score_before), exact(subscore_before), exact(rank_before + 1)
    end
  end
  return result
end

local reply = { 'ok' }
local width = tonumber(ARGV[7])
for at = 8, #ARGV, width do
  reply[#reply + 1] = submit(ARGV[at], tonumber(ARGV[at + 1]), width > 2 and tonumber(ARGV[at + 2]) or 0,
    width > 3 and ARGV[at + 3] or '', width > 4 and ARGV[at + 4] or '')
end
if changed then
  redis.call('HSET', meta, 'offset', string.format('%.0f', offset))
  notify(publish, meta, topic, epoch, offset, now)
end
-- One score that was refused changed nothing: a repeat may fare better, after minIntervalMs for one.
if #reply == 2 and reply[2][1] ~= 'ok' then return reply end
return answer(kept, fingerprint, answer_ttl, reply)
