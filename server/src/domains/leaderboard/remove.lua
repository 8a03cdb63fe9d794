--- @include ./writing.lua
-- Removes a member's entry from the open season of every window.
-- KEYS, ARGV  writing.lua, then  1 member
-- Returns {"ok"}, {"no_entry"}, or what writing.lua says.

local now = now_ms()
local windows, own = writing(now)
if not windows then return own end
local order, is_removed = redis.call('HGET', KEYS[1], 'order'), false
for _, season in ipairs(windows) do
  if remove(order, season, ARGV[own]) then is_removed = true end
end
if not is_removed then return { 'no_entry' } end
return changed(now, { 'ok' })
