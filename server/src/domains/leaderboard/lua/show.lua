--- @include ./writing.lua
-- Shows a hidden member again: its entries go to the places that they have by now.
-- KEYS, ARGV  writing.lua, then  1 member
-- Returns {"ok"}, or what writing.lua says.

local now = now_ms()
local windows, own, order, max_entries = writing(now, { 'order', 'maxEntries' })
if not windows then return own end
local member = ARGV[own]
local most = tonumber(max_entries or math.huge)
redis.call('SREM', KEYS[5], member)
for _, season in ipairs(windows) do
  local _, score, record, is_hidden = find(order, season, member)
  if is_hidden then
    local zset_member = place_in(record) .. member
    redis.call('ZREM', season.hidden, zset_member)
    stand(season, score, zset_member)
    trim(order, season, most, 1)
  end
end
return changed(now, { 'ok' })
