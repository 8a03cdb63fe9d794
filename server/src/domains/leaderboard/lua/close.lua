--- @include ../../../redis/lua/idempotency.lua
--- @include ./season-record.lua
-- Closes a window's open season and begins the next one. What is written to the closed one's keys is over by then:
-- scripts write only to the season that the board says is open.
-- KEYS  1 board's meta  2 kept answer  3 topic  4 seasons  5 ranking of the season to close
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4 plan  5 window  6 season to close
--       7 the present period  8 when it starts and  9 ends in ms ("" when it never ends)  10 "over": only when that season's
--       period is over, or "now"
-- Returns {"ok", season to close, its text, next season, its text} (season-record.lua), {"running"} when its period is not over,
-- or what season.lua says.

local meta, kept, topic, seasons, ranking = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local window, season, period, starts, ends = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local known = first_answer(kept, ARGV[1])
if known then return known end

local now = now_ms()
local board = redis.call('HMGET', meta, 'plan', 'epoch', 'open:' .. window)
if not board[1] then return { 'not_found' } end
if board[1] ~= ARGV[4] then return { 'plan', unpack(redis.call('HMGET', meta, 'windows', 'timezone')) } end
if lies_outside(now, starts, ends) then return { 'clock', string.format('%.0f', now) } end
if board[3] ~= season then return { 'open', window, board[3] } end

local field = window .. ' ' .. season
local begun, ended = string.match(redis.call('HGET', seasons, field), '^(%S+) (%S+)')
-- A season that has not begun is none that is over: Redis's clock was set back.
if ARGV[10] == 'over' and (period_of(season) == period or now < tonumber(begun)) then return { 'running' } end
local offset = redis.call('HINCRBY', meta, 'offset', 1)
local closed = season_text(tonumber(begun), tonumber(ended), now, offset, redis.call('ZCARD', ranking))
redis.call('HSET', seasons, field, closed)

local next_one = next_season(seasons, window, period, season)
-- A season that begins within its period begins now, and so does one without a calendar.
local begins = ARGV[10] == 'over' and tonumber(starts) > 0 and tonumber(starts) or now
local next_text = season_text(begins, tonumber(ends))
redis.call('HSET', seasons, window .. ' ' .. next_one, next_text)
redis.call('HSET', meta, 'open:' .. window, next_one, 'closing', string.format('%.0f', offset),
  'noticedAt', string.format('%.0f', now))
redis.call(ARGV[3], topic, board[2] .. ' ' .. string.format('%.0f', offset))
return answer(kept, ARGV[1], ARGV[2], { 'ok', season, closed, next_one, next_text })
