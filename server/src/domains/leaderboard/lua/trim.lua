--- @include ./write.lua
--- @args atOnce
--- @reply ok: hasMore
-- Removes up to `at_once` of the entries that open seasons have in excess of the board's `maxEntries`.
-- `hasMore` is "1" if more entries may have to be removed.

local now = now_ms()
local windows, order, max_entries = begin_write(now, { 'order', 'maxEntries' })
if not windows then return order end
if not max_entries then return { 'ok', '0' } end
local left = tonumber(at_once)
for _, season in ipairs(windows) do
  left = trim(order, season, tonumber(max_entries), left)
end
return finish_write(now, { 'ok', left == 0 and '1' or '0' })
