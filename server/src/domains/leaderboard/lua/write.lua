--- @include ../../../redis/lua/idempotency.lua
--- @include ./season.lua
--- @include ./ranking-changes.lua
--- @keys topic hiddenMembers
--- @args publishCommand
--- @include ./notify.lua
-- The beginning and the end of every script that changes entries of open seasons.

-- Returns the windows and the list of values of `fields` of the board. Or returns nil and the reply of the
-- script: the first reply to an idempotency key, or one that reports a stale cache (season.lua).
local function open_for_write(now, fields)
  local first = first_reply()
  if first then return nil, first end
  local windows, count = cached_windows(), #fields
  fields[count + 1] = 'fields'
  local stale, stored = read_board(windows, now, fields)
  if stale then return nil, stale end
  local ranked = stored[count + 1]
  if ranked then ranked_fields = cjson.decode(ranked) end
  return windows, stored
end

-- Like open_for_write(), but returns the values one by one and not as a list.
local function begin_write(now, more)
  local count = #more
  local windows, stored = open_for_write(now, more)
  if not windows then return nil, stored end
  return windows, unpack(stored, 1, count)
end

-- Increments the board's offset, notifies watchers, and keeps the reply for repeats. Returns the reply.
local function finish_write(now, reply)
  count_change(now)
  return keep_reply(reply)
end
