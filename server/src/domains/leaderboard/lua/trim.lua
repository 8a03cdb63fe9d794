--- @include ./writing.lua
-- Takes entries away that a board has above its limit, some at a time.
-- KEYS, ARGV  writing.lua, then  1 how many
-- Returns {"ok", whether there are more ("1" or "0")}, or what writing.lua says.

local now = now_ms()
local windows, own, order, most = writing(now, { 'order', 'maxEntries' })
if not windows then return own end
if not most then return { 'ok', '0' } end
local left = tonumber(ARGV[own])
for _, season in ipairs(windows) do left = trim(order, season, tonumber(most), left) end
return changed(now, { 'ok', left == 0 and '1' or '0' })
