--- @include ./writing.lua
-- Takes entries away that a board has above its limit, some at a time.
-- KEYS, ARGV  writing.lua, then  1 how many
-- Returns {"ok", whether there are more ("1" or "0")}, or what writing.lua says.

local now = now_ms()
local windows, own, order, most = writing(now, { 'order', 'maxEntries' })
if not windows then return own end
if not most then return { 'ok', '0' } end
local is_more = '0'
for _, season in ipairs(windows) do
  trim(order, season, tonumber(most), tonumber(ARGV[own]))
  for _, zset in ipairs({ season.ranking, season.hidden }) do
    if redis.call('ZCARD', zset) > tonumber(most) then is_more = '1' end
  end
end
return changed(now, { 'ok', is_more })
