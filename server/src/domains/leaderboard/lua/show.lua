--- @include ./write.lua
--- @args member
--- @reply ok:
-- Shows a hidden member again: its entries return to the ranks that their scores have now.

local now = now_ms()
local windows, order, max_entries = begin_write(now, { 'order', 'maxEntries' })
if not windows then return order end
local most = tonumber(max_entries or math.huge)
redis.call('SREM', HIDDEN_MEMBERS_KEY, member)
for _, season in ipairs(windows) do
  local _, score, record, is_hidden = find(order, season, member)
  if is_hidden then
    local zset_member = place_in(record) .. member
    redis.call('ZREM', season.hidden, zset_member)
    put_in(season, score, zset_member)
    trim(order, season, most, 1)
  end
end
return finish_write(now, { 'ok' })
