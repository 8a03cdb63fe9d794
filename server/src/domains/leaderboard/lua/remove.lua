--- @include ./write.lua
--- @args member
--- @reply ok:
--- @reply no_entry:
-- Removes a member's entry from the open season of every window.

local now = now_ms()
local windows, order = begin_write(now, { 'order' })
if not windows then return order end
local is_removed = false
for _, season in ipairs(windows) do
  if remove(order, season, member) then is_removed = true end
end
if not is_removed then return { 'no_entry' } end
return finish_write(now, { 'ok' })
