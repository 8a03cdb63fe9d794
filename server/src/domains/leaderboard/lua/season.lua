--- @include ../../../redis/lua/clock.lua
-- What a node believes of a board, and whether it is so. Calendars are for nodes to work out, as Redis has none: a node
-- names the season that it takes for a window's open one, with the moments between which that can be so, and the
-- script holds it against Redis's own time and what the board says. Where the node was wrong nothing is done.
--
-- A window is 4 keys    ranking, records, hidden entries, distinct scores; those of its season
-- and 4 arguments       name, season, when its period starts and ends in ms ("" when it never ends);
--                       with an empty start it is any season that the board knows, open or closed

local WINDOW_WIDTH = 4

local function believed_window(key_at, arg_at)
  return {
    ranking = KEYS[key_at], records = KEYS[key_at + 1], hidden = KEYS[key_at + 2], distinct = KEYS[key_at + 3],
    name = ARGV[arg_at], season = ARGV[arg_at + 1], starts = ARGV[arg_at + 2], ends = ARGV[arg_at + 3],
  }
end

-- The windows whose keys begin at `key_at`, their number at `arg_at` and their arguments behind it; and where the
-- arguments behind them begin.
local function believed_windows(key_at, arg_at)
  local windows = {}
  for number = 1, tonumber(ARGV[arg_at]) do
    windows[number] = believed_window(key_at + (number - 1) * WINDOW_WIDTH, arg_at + 1 + (number - 1) * WINDOW_WIDTH)
  end
  return windows, arg_at + 1 + #windows * WINDOW_WIDTH
end

local function lies_outside(now, starts, ends)
  return now < tonumber(starts) or (ends ~= '' and now >= tonumber(ends))
end

-- The reply that sets the node right: {"not_found"}, {"plan", windows JSON, timezone}, {"clock", now in ms},
-- {"open", window, its open season} or {"no_season"}. Nil when what it believes is so, and then the values of `more`
-- fields of the board, which cost least when they are read along.
local function disproved(meta, seasons, plan, windows, now, more)
  local fields = { 'plan' }
  for number, window in ipairs(windows) do fields[number + 1] = 'open:' .. window.name end
  for number, field in ipairs(more or {}) do fields[1 + #windows + number] = field end
  local known = redis.call('HMGET', meta, unpack(fields))
  if not known[1] then return { 'not_found' } end
  if known[1] ~= plan then return { 'plan', unpack(redis.call('HMGET', meta, 'windows', 'timezone')) } end
  for number, window in ipairs(windows) do
    if window.starts == '' then
      if redis.call('HEXISTS', seasons, window.name .. ' ' .. window.season) == 0 then return { 'no_season' } end
    elseif lies_outside(now, window.starts, window.ends) then
      return { 'clock', string.format('%.0f', now) }
    elseif known[number + 1] ~= window.season then
      return { 'open', window.name, known[number + 1] }
    end
  end
  return nil, unpack(known, 2 + #windows, #fields)
end
