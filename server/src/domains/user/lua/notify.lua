--- @include ../../../redis/lua/idempotency.lua
--- @include ./user-record.lua
--- @include ./notices.lua
--- @keys notices
--- @args id name data noticeLimit noticeTtlMs
--- @reply ok: id sentAtMs
-- Publishes a notice on a user's channel, and stores it for
-- devices that connect later. `data` is JSON; "" for none.

local first = first_reply()
if first then return first end

local record, now = read_record(), now_ms()
local encoded = cjson.encode({ whole(record.offset + 1), id, name, data, whole(now) })
redis.call('RPUSH', NOTICES_KEY, encoded)
redis.call('LTRIM', NOTICES_KEY, -tonumber(notice_limit), -1)
while has_expired(redis.call('LINDEX', NOTICES_KEY, 0), now, tonumber(notice_ttl_ms)) do
  redis.call('LPOP', NOTICES_KEY)
end
redis.call('PEXPIRE', NOTICES_KEY, notice_ttl_ms)
publish(record, 'notice', encoded)
write_record(record)
return keep_reply({ 'ok', id, whole(now) })
