--- @include ../../../redis/lua/idempotency.lua
--- @include ./season-record.lua
--- @include ./change.lua
-- Creates a board or replaces its rules.
-- KEYS  1 board's meta  2 kept answer  3 topic  4 seasons  5 hidden members, not used
--       6... windows (season.lua) that the board has so far
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4 plan  5 number of windows  6... windows (season.lua)
--       that the board has so far; then  1 epoch of a new board  2 number of windows that it shall have, and for each its
--       name, present period, when that starts and ends in ms ("" when never); then name and value of each rule: an empty
--       value takes the rule away
-- Returns {"ok", "now" or for a repeat "", total in the first window, board...} as get.lua does, {"order"} when a board with entries should change
-- its order, {"windows"} when a window with entries should go, or what season.lua says of the windows so far.

local meta, kept, seasons = KEYS[1], KEYS[2], KEYS[4]
local known = first_answer(kept, ARGV[1])
if known then return known end

local now = now_ms()
local before, own = believed_windows(6, 5)
local wrong = disproved(meta, seasons, ARGV[4], before, now)
local is_new = wrong and wrong[1] == 'not_found'
if wrong and not is_new then return wrong end

local after, at = {}, own + 2
for number = 1, tonumber(ARGV[own + 1]) do
  after[number] = { name = ARGV[at], period = ARGV[at + 1], starts = ARGV[at + 2], ends = ARGV[at + 3] }
  if lies_outside(now, ARGV[at + 2], ARGV[at + 3]) then return { 'clock', string.format('%.0f', now) } end
  at = at + 4
end
local rules = {}
for rule = at, #ARGV, 2 do rules[ARGV[rule]] = ARGV[rule + 1] end

local function is_empty(window)
  return redis.call('ZCARD', window.ranking) + redis.call('ZCARD', window.hidden) == 0
end

local function has_entries()
  for _, window in ipairs(before) do
    if not is_empty(window) then return true end
  end
  for _, text in ipairs(redis.call('HVALS', seasons)) do
    if string.match(text, ' [1-9]%d*$') then return true end
  end
  return false
end

local order = redis.call('HGET', meta, 'order')
if order and order ~= rules.order and has_entries() then return { 'order' } end

local stays = {}
for _, window in ipairs(after) do stays[window.name] = window end
for _, window in ipairs(is_new and {} or before) do
  if not stays[window.name] and not is_empty(window) then return { 'windows' } end
end

if is_new then
  redis.call('HSET', meta, 'epoch', ARGV[own], 'offset', '0', 'closing', '0', 'createdAt', string.format('%.0f', now))
end
for name, value in pairs(rules) do
  if value == '' then redis.call('HDEL', meta, name) else redis.call('HSET', meta, name, value) end
end
redis.call('HSET', meta, 'updatedAt', string.format('%.0f', now))

local total = '0'
for _, window in ipairs(is_new and {} or before) do
  local field = window.name .. ' ' .. window.season
  local new = stays[window.name]
  if not new then
    redis.call('UNLINK', window.ranking, window.records, window.hidden, window.distinct)
    redis.call('HDEL', seasons, field)
    redis.call('HDEL', meta, 'open:' .. window.name)
  else
    -- What it has of distinct scores is ordered the other way.
    if order ~= rules.order then redis.call('UNLINK', window.distinct) end
    -- Its calendar may be another one now.
    local begun = string.match(redis.call('HGET', seasons, field), '^%S+')
    redis.call('HSET', seasons, field, season_text(tonumber(begun), tonumber(new.ends)))
    if window.name == after[1].name then total = tostring(redis.call('ZCARD', window.ranking)) end
    stays[window.name] = nil
  end
end
for _, window in pairs(stays) do
  local season = next_season(seasons, window.name, window.period)
  redis.call('HSET', meta, 'open:' .. window.name, season)
  local begins = tonumber(window.starts) > 0 and tonumber(window.starts) or now
  redis.call('HSET', seasons, window.name .. ' ' .. season, season_text(begins, tonumber(window.ends)))
end

-- Whoever watches a window that is gone has to learn it.
if not is_new then
  notify(ARGV[3], meta, KEYS[3], redis.call('HGET', meta, 'epoch'), redis.call('HINCRBY', meta, 'offset', 1), now)
end
local board = redis.call('HGETALL', meta)
answer(kept, ARGV[1], ARGV[2], { 'ok', '', total, unpack(board) })
return { 'ok', 'now', total, unpack(board) }
