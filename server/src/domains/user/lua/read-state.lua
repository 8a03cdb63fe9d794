--- @include ../../../redis/lua/clock.lua
--- @include ./notices.lua
--- @keys meta rooms notices
--- @args behind noticeTtlMs
--- @reply ok: epoch offset rooms notices...
-- Reads the state of a user's channel, with the notices after the offset `behind`. `epoch` is "" for a user
-- without a record; `rooms` is a JSON array.

local fields = redis.call('HMGET', META_KEY, 'epoch', 'offset')
local reply = { 'ok', fields[1] or '', fields[2] or '0', cjson.encode(redis.call('HKEYS', ROOMS_KEY)) }
local now = now_ms()
for _, encoded in ipairs(redis.call('LRANGE', NOTICES_KEY, 0, -1)) do
  local is_wanted = tonumber(cjson.decode(encoded)[1]) > tonumber(behind)
  if is_wanted and not has_expired(encoded, now, tonumber(notice_ttl_ms)) then
    reply[#reply + 1] = encoded
  end
end
return reply
