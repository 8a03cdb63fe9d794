--- @include ./writing.lua
-- Removes a member's entry from the open season of every window.
-- KEYS, ARGV  writing.lua, then  1 member
-- Returns {"ok"}, {"no_entry"}, or what writing.lua says.

local now = now_ms()
local windows, own, order = writing(now, { 'order' })
if not windows then return own end
local is_removed = false
for _, season in ipairs(windows) do
  if remove(order, season, ARGV[own]) then is_removed = true end
end
if not is_removed then return { 'no_entry' } end
return changed(now, { 'ok' })
