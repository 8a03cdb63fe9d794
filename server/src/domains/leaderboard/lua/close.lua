--- @include ../../../redis/lua/idempotency.lua
--- @include ./season-record.lua
--- @include ../../shared/lua/outbox.lua
--- @keys topic
--- @args publishCommand period condition
--- @reply ok: closed closedText next nextText
--- @reply running: beginsMs endsMs
-- Closes a window's season and opens the next one. `windows[1]` (season.lua) has the name of the window and
-- the id of the season to close. `startsMs` and `endsMs` in `windows[1]` are the times of the window's
-- current period. The next season gets its times from them. `period` is the id of the current period.
-- `condition` is "over" (close only if the period of the season is over) or "now". `closedText` and
-- `nextText` are values of the HASH of seasons (season-record.lua). Only an erasure (erase-member.lua)
-- changes entries of a closed season, because all other scripts that write entries check that their season
-- is open.

local window = windows_at(1)
local first = first_reply()
if first then return first end

local now = now_ms()
local stale, epoch = check_cache({ window }, now, { 'epoch' })
if stale then return stale end

local field = window.name .. ' ' .. window.season
local begun, ended = string.match(redis.call('HGET', SEASONS_KEY, field), '^(%S+) (%S+)')
-- If Redis's clock was set back, the open season begins in the future. It is not over.
local is_running = period_of(window.season) == period or now < tonumber(begun)
if condition == 'over' and is_running then return { 'running', begun, ended } end
local offset = redis.call('HINCRBY', META_KEY, 'offset', 1)
local total = redis.call('ZCARD', window.ranking)
local closed = season_text(tonumber(begun), tonumber(ended), now, offset, total)
redis.call('HSET', SEASONS_KEY, field, closed)

local next_one = next_season(window.name, period, window.season)
-- With the condition "over", the next season begins at the start of the current period. With "now", or if the
-- window has no calendar, it begins now.
local begins = condition == 'over' and tonumber(window.starts_ms) > 0 and tonumber(window.starts_ms)
  or now
local next_text = season_text(begins, tonumber(window.ends_ms))
redis.call('HSET', SEASONS_KEY, window.name .. ' ' .. next_one, next_text)
redis.call(
  'HSET',
  META_KEY,
  'open:' .. window.name,
  next_one,
  'closing',
  string.format('%.0f', offset),
  'noticedAt',
  string.format('%.0f', now)
)
queue_event('leaderboard.season_closed', now, window.name, window.season, closed, next_one)
redis.call(publish_command, TOPIC_KEY, epoch .. ' ' .. string.format('%.0f', offset))
return keep_reply({ 'ok', window.season, closed, next_one, next_text })
