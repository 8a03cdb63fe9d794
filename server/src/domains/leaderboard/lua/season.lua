--- @include ../../../redis/lua/clock.lua
--- @keys meta seasons
--- @keys windows[]: ranking records hidden distinct values
--- @args plan
--- @args windows[]: name season startsMs endsMs
--- @reply not_found:
--- @reply plan: windows timezone
--- @reply layout:
--- @reply clock: nowMs
--- @reply open: window season
--- @reply no_season:
-- Checks what a node has cached: the window plan and open seasons of a board, and Redis's time. Scripts
-- can't compute calendars, so the node names the open season and its period. If the cache is stale, the
-- script changes nothing, and its reply contains what the node has to refresh: `plan` (the board's windows
-- and timezone), `clock` (Redis's time) or `open` (the open season of a window). The reply `layout` refuses
-- a board whose entries have the layout of another version.
--
-- `ends_ms` is "" for a period without end. With an empty `starts_ms` the season need not be open; it only
-- has to exist.

local function cached_windows()
  local windows = {}
  for number = 1, windows_count do
    windows[number] = windows_at(number)
  end
  return windows
end

local function lies_outside(now, starts_ms, ends_ms)
  return now < tonumber(starts_ms) or (ends_ms ~= '' and now >= tonumber(ends_ms))
end

-- The id of a plan begins with the number of the entry layout (window-plan.ts). `@lazy` marks a function
-- that few runs call (script-functions.ts).
--- @lazy
local function layout_of(a_plan) return string.match(a_plan, '^%d+:') end

-- Reads `fields` of the board and checks the cache. The fields that the check needs are appended to `fields`,
-- so that one HMGET reads all of them. If the check fails, returns the reply of the script, such as `open`.
-- Otherwise returns nil and the list of values.
local function read_board(windows, now, fields)
  local count = #fields
  fields[count + 1] = 'plan'
  for number, window in ipairs(windows) do
    fields[count + 1 + number] = 'open:' .. window.name
  end
  local stored = redis.call('HMGET', META_KEY, unpack(fields))
  local stored_plan = stored[count + 1]
  if not stored_plan then return { 'not_found' } end
  if stored_plan ~= plan then
    if layout_of(stored_plan) ~= layout_of(plan) then return { 'layout' } end
    return { 'plan', unpack(redis.call('HMGET', META_KEY, 'windows', 'timezone')) }
  end
  for number, window in ipairs(windows) do
    if window.starts_ms == '' then
      local field = window.name .. ' ' .. window.season
      if redis.call('HEXISTS', SEASONS_KEY, field) == 0 then return { 'no_season' } end
    elseif lies_outside(now, window.starts_ms, window.ends_ms) then
      return { 'clock', string.format('%.0f', now) }
    elseif stored[count + 1 + number] ~= window.season then
      return { 'open', window.name, stored[count + 1 + number] }
    end
  end
  return nil, stored
end

-- If the check fails, returns the reply of the script. Otherwise returns nil, then the board's values of the
-- fields in `more`.
local function check_cache(windows, now, more)
  local fields = more or {}
  local count = #fields
  local stale, stored = read_board(windows, now, fields)
  if stale then return stale end
  return nil, unpack(stored, 1, count)
end
