--- @include ../../../redis/lua/idempotency.lua
--- @include ./season.lua
--- @include ./ranking-changes.lua
--- @keys topic hiddenMembers
--- @args publishCommand
--- @include ./notify.lua
-- The beginning and the end of every script that changes entries of open seasons.

-- Returns the board's windows, and a list with the values of those fields of the HASH `meta` that `fields`
-- names. If the script must reply at once, returns nil and that reply: the stored reply of a repeated
-- idempotency key, or a report that the season cache is stale (season.lua).
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

-- Increments the board's offset, publishes a notice if one is due (notify.lua), and stores the reply for
-- repeats of the idempotency key. Returns the reply.
local function finish_write(now, reply)
  count_change(now)
  return keep_reply(reply)
end
