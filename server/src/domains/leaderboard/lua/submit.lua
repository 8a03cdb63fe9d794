--- @include ./write.lua
--- @include ./rank-events.lua
--- @args writer detail profile
--- @args scores[]: member score subscore? metadata? operator? reachedAtMs? profile?
--- @reply ok: results...
--- @reply forbidden:
-- Submits one or more scores to a board, in order. A board ranks by windows, such as "daily". Each element of
-- `windows` is one season of one window. Each score counts in all of these seasons or in none.
--
-- `writer` is "server" or "member". `detail` is "full" or "brief" and chooses the form of the results.
-- An optional value of a score is "" if it is not given. The default subscore is 0, the default operator is
-- the board's, and the default reachedAtMs is now. The default profile is the argument `profile`: the JSON of
-- the submitting user's profile, or "" to leave the old profile unchanged. Metadata that is not given also
-- stays unchanged. The text "null" removes the old metadata or profile.
--
-- The result of a refused score is {rule, limit?, more?}: the arguments of ruleBroken() in script-errors.ts.
-- A brief result is {"ok", score, subscore, rank, improved}, with the values of the first window. A full
-- result is {"ok", improved, reachedAt in ms, profile JSON, metadata JSON, placement...}. Its values are
-- those of the first window too, but it has a placement for each window:
-- "<window> <season> <score> <subscore> <rank> <score_ahead> <is_retained>". `score_ahead` is the score of
-- the entry directly ahead, or "-" without one. `is_retained` is "0" if `maxEntries` left no place for the
-- entry. If the member had an entry before, " <score> <subscore> <rank>" of that old entry are appended.
-- Ranks count from 1, flags are "1" or "0", and numbers are exact.

local MOST_TRIMMED = 10

local now_exact = now_us()
local now = math.floor(now_exact / 1000)
local windows, board = open_for_write(now, {
  'epoch',
  'offset',
  'sequence',
  'order',
  'subscoreOrder',
  'operator',
  'submit',
  'min',
  'max',
  'maxDelta',
  'minIntervalMs',
  'maxEntries',
  'maxValuesPerField',
  'noticedAt',
})
if not windows then return board end
local epoch, offset, sequence, order, subscore_order = unpack(board, 1, 5)
local board_operator, policy, min, max, max_delta, min_interval, max_entries, max_values, noticed_at =
  unpack(board, 6, 14)
local is_full = detail == 'full'
if policy == 'server' and writer ~= 'server' then return { 'forbidden' } end
offset, max_entries, max_values = tonumber(offset), tonumber(max_entries), tonumber(max_values)

-- Whether a sum is exact enough to be a score:
-- * Up to 2^53 - 1 it always is. Only its fraction may have been rounded.
-- * Between 2^53 - 1 and 1e21 it never is. Inputs of that size are refused too (isExact in shared).
-- * From 1e21 on it is, unless a part of `before` or of `increment` was lost in the addition.
local function is_exact_sum(sum, before, increment)
  local size = math.abs(sum)
  if size <= 9007199254740991 then return true end
  return size >= 1e21 and size < math.huge and sum - before == increment and sum - increment == before
end

-- The result that refuses a score below `min` or above `max`: the rule and its limit. Nil for other scores.
local function broken_limit(score)
  if min and score < tonumber(min) then return { 'min', min } end
  if max and score > tonumber(max) then return { 'max', max } end
end

-- The result that refuses a score's change because of `maxDelta` or `minIntervalMs`. Nil for other changes.
local function broken_change_rule(score, before, reached_at)
  local elapsed = now - reached_at
  if max_delta and math.abs(score - before) > tonumber(max_delta) then
    return { 'maxDelta', max_delta }
  end
  -- If Redis's clock was set back, the last change may lie in the future. Then a new change is allowed.
  if min_interval and elapsed >= 0 and elapsed < tonumber(min_interval) then
    return { 'minIntervalMs', min_interval, exact(tonumber(min_interval) - elapsed) }
  end
end

local function is_ahead(score, subscore, other_score, other_subscore)
  if score ~= other_score then return (score > other_score) == (order == 'desc') end
  local is_high_first = (order == 'desc') == (subscore_order ~= 'reverse')
  return subscore ~= other_subscore and (subscore > other_subscore) == is_high_first
end

-- The score and the subscore after an addition; or nil, nil and the result that refuses the addition.
local function sum_of(score_before, score_increment, subscore_before, subscore_increment)
  local score, subscore = score_before + score_increment, subscore_before + subscore_increment
  local is_finite = math.abs(score) < math.huge and math.abs(subscore) < math.huge
  local broken = is_finite and broken_limit(score)
  if broken then return nil, nil, broken end
  local is_exact = is_exact_sum(score, score_before, score_increment)
    and is_exact_sum(subscore, subscore_before, subscore_increment)
  if not is_exact then return nil, nil, { 'overflow' } end
  return score, subscore
end

-- Computes the member's entry in one season after this submit, without a write. Returns a table with the
-- values before and after; or nil and the result that refuses the score.
local function evaluate(season, id, score, subscore, operator, given_profile, given_metadata)
  local rank_before, zset_score, zset_member, record, is_hidden
  if is_full or RANKED_TOP > 0 then
    rank_before, zset_score, zset_member, record, is_hidden = find(order, season, id)
  else
    zset_score, zset_member, record, is_hidden = locate(season, id)
  end
  local is_new = not zset_score
  if is_new then is_hidden = redis.call('SISMEMBER', HIDDEN_MEMBERS_KEY, id) == 1 end
  local old_profile, old_metadata, own_time = texts_in(record or '')
  local score_before, subscore_before, sequence_before, reached_at
  if not is_new then
    score_before, subscore_before, sequence_before = standing_in(order, zset_score, zset_member)
    reached_at = own_time or time_of_sequence(sequence_before)
  end
  if not is_new and operator == 'sum' then
    local broken
    score, subscore, broken = sum_of(score_before, score, subscore_before, subscore)
    if broken then return nil, broken end
  end
  local broken = broken_limit(score)
  if broken then return nil, broken end
  local improved = is_new or is_ahead(score, subscore, score_before, subscore_before)
  local is_unchanged = not is_new
    and (operator == 'best' and not improved or score == score_before and subscore == subscore_before)
  if is_unchanged then
    score, subscore = score_before, subscore_before
  elseif not is_new then
    broken = broken_change_rule(score, score_before, reached_at)
    if broken then return nil, broken end
  end
  -- With the operator "best", a score that does not beat the old one leaves profile and metadata as they are.
  local new_profile, new_metadata = old_profile, old_metadata
  if not (is_unchanged and operator == 'best') then
    if given_profile ~= '' then new_profile = given_profile == 'null' and '' or given_profile end
    if given_metadata ~= '' then new_metadata = given_metadata == 'null' and '' or given_metadata end
  end
  if not is_hidden then
    broken = broken_field(season, old_metadata, new_metadata, max_values)
    if broken then return nil, broken end
  end
  return {
    season = season,
    is_new = is_new,
    is_unchanged = is_unchanged,
    is_hidden = is_hidden,
    improved = improved,
    record = record or '',
    old_zset_score = zset_score,
    zset_score = zset_score,
    old_zset_member = zset_member,
    zset_member = zset_member,
    score_before = score_before,
    score = score,
    subscore_before = subscore_before,
    subscore = subscore,
    rank_before = rank_before,
    rank = rank_before,
    reached_at = reached_at,
    own_time = own_time,
    old_profile = old_profile,
    profile = new_profile,
    old_metadata = old_metadata,
    metadata = new_metadata,
  }
end

-- Writes an entry that evaluate() returned. Returns whether the entry changed.
local function write(entry, id, reached_at, new_sequence)
  local season, record = entry.season, entry.record
  local is_same_text = entry.profile == entry.old_profile and entry.metadata == entry.old_metadata
  if entry.is_unchanged then
    if is_same_text then return false end
    local new_record = record_of(prefix_in(record), entry.own_time, entry.profile, entry.metadata)
    set_record(season, id, record, new_record)
    if not entry.is_hidden and entry.metadata ~= entry.old_metadata then
      move_values(order, season, entry.zset_score, entry.zset_member, entry.old_metadata, entry.metadata)
    end
    return true
  end
  local prefix
  entry.zset_score, prefix = place_of(order, subscore_order, entry.score, entry.subscore, new_sequence)
  entry.zset_member = prefix == '' and id or prefix .. id
  entry.reached_at = reached_at
  local own_time = reached_at ~= time_of_sequence(new_sequence) and reached_at or nil
  set_record(season, id, record, record_of(prefix, own_time, entry.profile, entry.metadata))
  if entry.is_hidden then
    if not entry.is_new then redis.call('ZREM', season.hidden, entry.old_zset_member) end
    redis.call('ZADD', season.hidden, entry.zset_score, entry.zset_member)
  elseif entry.is_new then
    put_in(season, entry.zset_score, entry.zset_member, entry.metadata)
  else
    local old = {
      zset_score = entry.old_zset_score,
      zset_member = entry.old_zset_member,
      metadata = entry.old_metadata,
    }
    move_to(order, season, old, entry)
  end
  return true
end

-- Finds the rank of a written entry. Then removes the last entries beyond the board's `maxEntries`, at most
-- MOST_TRIMMED of them. Returns whether any entry was removed. If `maxEntries` was lowered before, even a
-- submit that does not change its own entry can remove others.
local function rank_and_trim(entry)
  local season = entry.season
  if not entry.is_unchanged or not entry.rank then
    entry.rank = entry.is_hidden and rank_at(order, season.ranking, entry.zset_score, entry.zset_member)
      or rank_of(order, season.ranking, entry.zset_member)
  end
  entry.is_retained = true
  if not max_entries then return false end
  local left = trim(order, season, max_entries, MOST_TRIMMED)
  local zset = entry.is_hidden and season.hidden or season.ranking
  if not redis.call('ZSCORE', zset, entry.zset_member) then entry.is_retained = false end
  return left < MOST_TRIMMED
end

local function placement_of(entry)
  local season, ahead, before = entry.season, '-', entry.rank - 1
  if before >= 0 then
    local found = range(order, season.ranking, before, before)
    if found[1] then ahead = exact(score_in(found[2], found[1])) end
  end
  local placement = table.concat({
    season.name,
    season.season,
    exact(entry.score),
    exact(entry.subscore),
    entry.rank + 1,
    ahead,
    entry.is_retained and '1' or '0',
  }, ' ')
  if entry.is_new then return placement end
  return table.concat(
    { placement, exact(entry.score_before), exact(entry.subscore_before), entry.rank_before + 1 },
    ' '
  )
end

local has_changed = false
local run_sequence = sequence_at(now_exact)
local sequence_before = tonumber(sequence or 0)
local last_sequence = sequence_before
-- The step of a sequence is the sequence without its last 4 bits. A dense entry is an entry whose ZSET score
-- contains its score and its step, but not its whole sequence (entry-codec.lua). `shares_step` is true if an
-- earlier run of this script may have written a dense entry with the step of `run_sequence` or a later step.
-- Earlier runs can have written later steps, because a sequence may be ahead of the clock.
local shares_step = step_of(run_sequence) <= step_of(sequence_before)
-- The last sequence that this run has written for each score.
local sequences = {}

-- Whether a dense entry with the score of `entry` has the step of `run_sequence` or a later step. If so,
-- `entry` needs a later sequence than `run_sequence` to rank behind that dense entry.
local function is_taken(entry)
  local lowest, highest = zset_scores_not_ahead(order, entry.score, run_sequence)
  return redis.call('ZCOUNT', entry.season.ranking, lowest, highest) > 0
    or redis.call('ZCOUNT', entry.season.hidden, lowest, highest) > 0
end

-- The lowest sequence with which `entry` ranks behind all older entries of the same score and subscore; 0 if
-- any sequence will do.
local function first_sequence(entry)
  local before = sequences[entry.score]
  if not is_dense(entry.score, entry.subscore, math.max(run_sequence, sequence_before)) then
    return math.max(sequence_before, before or 0) + 1
  end
  if before then return next_step(before) end
  return shares_step and is_taken(entry) and next_step(sequence_before) or 0
end

-- The one sequence for a member's `entries` in all windows. Only entries with equal scores need different
-- sequences, so `run_sequence` usually fits, even with many changes within one step.
local function sequence_for(entries)
  local new_sequence = run_sequence
  for _, entry in ipairs(entries) do
    if not entry.is_unchanged then new_sequence = math.max(new_sequence, first_sequence(entry)) end
  end
  for _, entry in ipairs(entries) do
    if not entry.is_unchanged then
      sequences[entry.score] = new_sequence
      last_sequence = math.max(last_sequence, new_sequence)
    end
  end
  return new_sequence
end

local function submit(id, score, subscore, metadata, operator, reached_at, own_profile)
  if operator == '' then operator = board_operator end
  local entries = {}
  for number, season in ipairs(windows) do
    local entry, broken = evaluate(season, id, score, subscore, operator, own_profile, metadata)
    if broken then return broken end
    entries[number] = entry
  end
  local is_changed = false
  local new_sequence = sequence_for(entries)
  for _, entry in ipairs(entries) do
    if write(entry, id, reached_at, new_sequence) then is_changed = true end
    if rank_and_trim(entry) then is_changed = true end
    -- An entry that was imported with its own time causes no event.
    local is_shown = not entry.is_hidden and entry.is_retained
    if RANKED_TOP > 0 and is_shown and reached_at == now then queue_rank_change(order, entry, id, now) end
  end
  if is_changed then
    offset, has_changed = offset + 1, true
  end
  local first = entries[1]
  local improved = first.improved and '1' or '0'
  if not is_full then
    return { 'ok', exact(first.score), exact(first.subscore), exact(first.rank + 1), improved }
  end
  local result = { 'ok', improved, exact(first.reached_at), first.profile, first.metadata }
  for _, entry in ipairs(entries) do
    result[#result + 1] = placement_of(entry)
  end
  return result
end

local reply = { 'ok' }
local function number_or(text, default) return text == '' and default or tonumber(text) end
for number = 1, scores_count do
  local given = scores_at(number)
  local own_profile = given.profile ~= '' and given.profile or profile
  reply[#reply + 1] = submit(
    given.member,
    tonumber(given.score),
    number_or(given.subscore, 0),
    given.metadata,
    given.operator,
    number_or(given.reached_at_ms, now),
    own_profile
  )
end
if has_changed then note_change(epoch, offset, noticed_at, now, 'sequence', exact(last_sequence)) end
-- A single score that was refused has changed nothing, so its reply is not kept: a repeat may succeed, for
-- example after minIntervalMs.
if #reply == 2 and reply[2][1] ~= 'ok' then return reply end
return keep_reply(reply)
