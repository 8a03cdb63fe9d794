--- @include ../../../redis/lua/idempotency.lua
--- @include ./season-record.lua
--- @include ./field-rankings.lua
--- @keys topic
--- @args publishCommand newEpoch newBoardPlanId
--- @args newWindows[]: name period startsMs endsMs
--- @args rules[]: name value isGiven
--- @reply ok: isNow total pairs...
--- @reply order:
--- @reply subscoreOrder:
--- @reply fields:
--- @reply windows:
--- @reply bounds:
--- @include ./notify.lua
-- Creates a board or changes its rules. `windows` (season.lua) are the windows in the node's cache.
-- `new_windows` are the windows that the board will have, with their current periods. `rules` contains every
-- rule. If the call does not give a rule, `is_given` is "0" and the value is the default. A new board gets
-- this default; an existing board keeps its own value. A rule with an empty value is removed.
-- `new_board_plan_id` is the id of the plan (windows and timezone) that a new board gets from this call.
--
-- Replies the number of entries in the first window, and the board's meta as names and values. `isNow` is
-- "now", or "" for a repeat with the same idempotency key. Replies `order` or `subscoreOrder` if that rule
-- would change while the board has entries, in open or closed seasons. Replies `fields` if the rule `fields`
-- would change while an open season has entries, `windows` if a window whose open season has entries would be
-- removed, and `bounds` if `min` would be above `max`.

local first = first_reply()
if first then return first end

local now = now_ms()
local before = cached_windows()
local stale = check_cache(before, now)
local is_new = stale and stale[1] == 'not_found'
if stale and not is_new then return stale end
if is_new then before = {} end

local after, rules = {}, {}
for number = 1, new_windows_count do
  after[number] = new_windows_at(number)
  if lies_outside(now, after[number].starts_ms, after[number].ends_ms) then
    return { 'clock', string.format('%.0f', now) }
  end
end
for number = 1, rules_count do
  local rule = rules_at(number)
  if is_new or rule.is_given == '1' then rules[rule.name] = rule.value end
end
-- If the board was deleted, the node may still have cached the deleted board's plan, and have made
-- `new_windows` and `rules` from it. This reply tells the node to cache the default plan and to run the
-- script again.
if is_new and rules.plan ~= new_board_plan_id then return { 'plan', '["all"]', 'UTC' } end

-- The value that a rule will have after this call; nil if the board will not have the rule.
local function rule_of(name)
  local value = rules[name] or redis.call('HGET', META_KEY, name)
  return value and value ~= '' and value or nil
end

local min, max = tonumber(rule_of('min')), tonumber(rule_of('max'))
if min and max and min > max then return { 'bounds' } end

local function is_empty(window)
  return redis.call('ZCARD', window.ranking) + redis.call('ZCARD', window.hidden) == 0
end

local function has_entries()
  for _, window in ipairs(before) do
    if not is_empty(window) then return true end
  end
  for _, text in ipairs(redis.call('HVALS', SEASONS_KEY)) do
    if string.match(text, ' [1-9]%d*$') then return true end
  end
  return false
end

local order = redis.call('HGET', META_KEY, 'order')
if order and order ~= rule_of('order') and has_entries() then return { 'order' } end
local subscore_order = redis.call('HGET', META_KEY, 'subscoreOrder') or ''
if order and subscore_order ~= (rule_of('subscoreOrder') or '') and has_entries() then
  return { 'subscoreOrder' }
end
local fields = redis.call('HGET', META_KEY, 'fields') or ''
for _, window in ipairs(before) do
  if fields ~= (rule_of('fields') or '') and not is_empty(window) then return { 'fields' } end
end

local added = {}
for _, window in ipairs(after) do
  added[window.name] = window
end
for _, window in ipairs(before) do
  if not added[window.name] and not is_empty(window) then return { 'windows' } end
end

if is_new then
  redis.call(
    'HSET',
    META_KEY,
    'epoch',
    new_epoch,
    'offset',
    '0',
    'closing',
    '0',
    'createdAt',
    string.format('%.0f', now)
  )
end
for name, value in pairs(rules) do
  if value == '' then
    redis.call('HDEL', META_KEY, name)
  else
    redis.call('HSET', META_KEY, name, value)
  end
end
redis.call('HSET', META_KEY, 'updatedAt', string.format('%.0f', now))

local total = '0'
for _, window in ipairs(before) do
  local field = window.name .. ' ' .. window.season
  local same = added[window.name]
  if not same then
    unlink_season(window)
    redis.call('HDEL', SEASONS_KEY, field)
    redis.call('HDEL', META_KEY, 'open:' .. window.name)
  else
    -- The order changes only while the ranking is empty. But the key with the ranking's distinct scores (for
    -- dense ranks) may still exist. Its content depends on the old order, so the key is deleted.
    if order ~= rule_of('order') then redis.call('UNLINK', window.distinct) end
    local begun, ended = string.match(redis.call('HGET', SEASONS_KEY, field), '^(%S+) (%S+)')
    -- The season now ends when the current period ends under the new windows and timezone. A season that
    -- begins in the future, because Redis's clock was set back, belongs to a later period and keeps its end.
    if now >= tonumber(begun) then ended = same.ends_ms end
    redis.call('HSET', SEASONS_KEY, field, season_text(tonumber(begun), tonumber(ended)))
    if window.name == after[1].name then total = tostring(redis.call('ZCARD', window.ranking)) end
    added[window.name] = nil
  end
end
for _, window in pairs(added) do
  local season = next_season(window.name, window.period)
  redis.call('HSET', META_KEY, 'open:' .. window.name, season)
  local begins = tonumber(window.starts_ms) > 0 and tonumber(window.starts_ms) or now
  redis.call(
    'HSET',
    SEASONS_KEY,
    window.name .. ' ' .. season,
    season_text(begins, tonumber(window.ends_ms))
  )
end

-- Notifies watchers, who may follow a window that this call removed.
if not is_new then count_change(now) end
local board = redis.call('HGETALL', META_KEY)
keep_reply({ 'ok', '', total, unpack(board) })
return { 'ok', 'now', total, unpack(board) }
