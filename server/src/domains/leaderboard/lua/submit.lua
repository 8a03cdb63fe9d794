--- @include ./writing.lua
-- Submits one or more scores to one board, each on its own, in order. A score counts in every window given, or in none.
-- KEYS, ARGV  writing.lua, then
--       1 "server" or "member": as whom the caller writes  2 "full" or "brief" results  3 profile JSON of the members ("" = as it is)
--       4 how many arguments each score has, 2 to 7
--       5... for each score: member, score, subscore (0), metadata JSON ("" = as it is, "null" = none), operator ("" =
--            the board's), when it was reached in ms ("" = now), profile JSON ("" = that of the members); those that no
--            score needs are left out, from the right
-- Returns {"ok", result, result, ...}, {"forbidden"}, or what writing.lua says.
-- A result is {rule, limit} for a refused score. Brief it is {"ok", score, subscore, rank, improved ("1" or "0")} in the
-- first window. Full it is {"ok", improved, reachedAt in ms, profile JSON, metadata JSON, standing in each window}, with
-- {window, season, score, subscore, rank, score of the entry directly ahead or "", whether it is kept ("1" or "0")} and,
-- for a member that had an entry, {..., score, subscore, rank} of before. Ranks count from 1. Numbers are strings, exact.

local MOST_TRIMMED = 10

local now = now_ms()
local windows, own, epoch, offset, order, board_operator, policy, min, max, max_delta, min_interval, max_entries =
  writing(now, { 'epoch', 'offset', 'order', 'operator', 'submit', 'min', 'max', 'maxDelta', 'minIntervalMs', 'maxEntries' })
if not windows then return own end
local writer, is_full, profile = ARGV[own], ARGV[own + 1] == 'full', ARGV[own + 2]

local meta, hidden_members = KEYS[1], KEYS[5]
if policy == 'server' and writer ~= 'server' then return { 'forbidden' } end
offset = tonumber(offset)

local function exact(number) return string.format('%.17g', number) end

-- The rule that an entry of `score` and `subscore` would break, with its limit; nil when none.
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

-- What a submit would make of the member's entry in one season, with all that is to be known of the entry before; or nil
-- and the rule that it would break.
local function weigh(season, id, score, subscore, operator)
  local rank_before, score_text, record, is_hidden
  if is_full then rank_before, score_text, record, is_hidden = find(order, season, id)
  else
    record = redis.call('HGET', season.records, id)
    if record then
      score_text = redis.call('ZSCORE', season.ranking, place_in(record) .. id)
      is_hidden = not score_text
      if is_hidden then score_text = redis.call('ZSCORE', season.hidden, place_in(record) .. id) end
    end
  end
  local entry = { season = season, record = record, is_hidden = is_hidden, rank_before = rank_before }
  if not record then
    local broken = broken_rule(score, subscore)
    if broken then return nil, broken end
    entry.score, entry.subscore, entry.improved, entry.stays = score, subscore, true, false
    entry.is_hidden = redis.call('SISMEMBER', hidden_members, id) == 1
    return entry
  end
  entry.score_before, entry.subscore_before = tonumber(score_text), subscore_in(record)
  if operator == 'sum' then score, subscore = entry.score_before + score, entry.subscore_before + subscore end
  local broken = broken_rule(score, subscore)
  if broken then return nil, broken end
  entry.improved = is_ahead(score, subscore, entry.score_before, entry.subscore_before)
  entry.stays = operator == 'best' and not entry.improved
    or score == entry.score_before and subscore == entry.subscore_before
  if entry.stays then
    entry.score, entry.subscore = entry.score_before, entry.subscore_before
    return entry
  end
  broken = broken_step(score, entry.score_before, reached_at_in(record))
  if broken then return nil, broken end
  entry.score, entry.subscore = score, subscore
  return entry
end

-- Writes an entry as it was weighed. Whether that changed it.
local function write(entry, id, operator, own_profile, metadata, reached_at)
  local season, record = entry.season, entry.record
  local kept_profile, kept_metadata, kept_place = '', '', nil
  if record then
    kept_profile, kept_metadata = texts_in(record)
    kept_place = place_in(record)
  end
  -- A best score that was not beaten keeps what belongs to it.
  local replaces = not (entry.stays and operator == 'best')
  entry.profile = replaces and own_profile ~= '' and own_profile or kept_profile
  entry.metadata = kept_metadata
  if replaces and metadata ~= '' then entry.metadata = metadata == 'null' and '' or metadata end
  entry.reached_at = entry.stays and reached_at_in(record) or reached_at
  entry.place = entry.stays and kept_place or place_of(order, entry.subscore, offset + 1)
  if entry.stays and entry.profile == kept_profile and entry.metadata == kept_metadata then return false end

  redis.call('HSET', season.records, id, record_of(entry.place, entry.reached_at, entry.profile, entry.metadata))
  if entry.stays then return true end
  if entry.is_hidden then
    if record then redis.call('ZREM', season.hidden, kept_place .. id) end
    redis.call('ZADD', season.hidden, exact(entry.score), entry.place .. id)
  else
    if record then leave(order, season, exact(entry.score_before), kept_place .. id) end
    stand(season, exact(entry.score), entry.place .. id)
  end
  return true
end

-- Where an entry stands once it is written; what is above the limit goes.
local function settle(entry, id)
  local season = entry.season
  if entry.stays and entry.rank_before then entry.rank = entry.rank_before
  elseif entry.is_hidden then entry.rank = rank_at(order, season.ranking, exact(entry.score), entry.place .. id)
  else entry.rank = rank_of(order, season.ranking, entry.place .. id) end
  entry.is_kept = '1'
  if max_entries then
    trim(order, season, tonumber(max_entries), MOST_TRIMMED)
    if redis.call('HEXISTS', season.records, id) == 0 then entry.is_kept = '0' end
  end
end

local function full_standing(entry)
  local ahead = ''
  if entry.rank > 0 then ahead = range(order, entry.season.ranking, entry.rank - 1, entry.rank - 1)[2] or '' end
  local standing = { entry.season.name, entry.season.season, exact(entry.score), exact(entry.subscore),
    exact(entry.rank + 1), ahead, entry.is_kept }
  if entry.record then
    standing[8], standing[9] = exact(entry.score_before), exact(entry.subscore_before)
    standing[10] = exact(entry.rank_before + 1)
  end
  return standing
end

local has_changed = false

local function submit(id, score, subscore, metadata, operator, reached_at, own_profile)
  if operator == '' then operator = board_operator end
  local entries = {}
  for number, season in ipairs(windows) do
    local entry, broken = weigh(season, id, score, subscore, operator)
    if broken then return broken end
    entries[number] = entry
  end
  local is_changed = false
  for _, entry in ipairs(entries) do
    if write(entry, id, operator, own_profile, metadata, reached_at) then is_changed = true end
    settle(entry, id)
  end
  if is_changed then offset, has_changed = offset + 1, true end
  local first = entries[1]
  local improved = first.improved and '1' or '0'
  if not is_full then return { 'ok', exact(first.score), exact(first.subscore), exact(first.rank + 1), improved } end
  local result = { 'ok', improved, exact(first.reached_at), first.profile, first.metadata }
  for _, entry in ipairs(entries) do result[#result + 1] = full_standing(entry) end
  return result
end

local reply = { 'ok' }
local width = tonumber(ARGV[own + 3])
for at = own + 4, #ARGV, width do
  local function given(number, default)
    local text = number <= width and ARGV[at + number - 1] or ''
    return text ~= '' and text or default
  end
  reply[#reply + 1] = submit(ARGV[at], tonumber(ARGV[at + 1]), tonumber(given(3, 0)), given(4, ''), given(5, ''),
    tonumber(given(6, now)), given(7, profile))
end
if has_changed then
  redis.call('HSET', meta, 'offset', string.format('%.0f', offset))
  notify(ARGV[3], meta, KEYS[3], epoch, offset, now)
end
-- One score that was refused changed nothing: a repeat may fare better, after minIntervalMs for one.
if #reply == 2 and reply[2][1] ~= 'ok' then return reply end
return answer(KEYS[2], ARGV[1], ARGV[2], reply)
