--- @include ./write.lua
--- @args member
--- @reply ok:
-- Hides a member: moves its entries from the rankings to the ZSETs of hidden entries. Later submits of the
-- member go to these ZSETs, too.

local now = now_ms()
local windows, order, max_entries = begin_write(now, { 'order', 'maxEntries' })
if not windows then return order end
local most = tonumber(max_entries or math.huge)
redis.call('SADD', HIDDEN_MEMBERS_KEY, member)
for _, season in ipairs(windows) do
  local zset_score, zset_member, record, is_hidden = locate(season, member)
  if zset_score and not is_hidden then
    local _, metadata = texts_in(record)
    take_out(order, season, zset_score, zset_member, metadata)
    redis.call('ZADD', season.hidden, zset_score, zset_member)
    trim(order, season, most, 1)
  end
end
return finish_write(now, { 'ok' })
