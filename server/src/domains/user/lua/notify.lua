--- @include ../../../redis/lua/idempotency.lua
--- @include ./record.lua
--- @include ./notices.lua
-- Tells a user something, and keeps it for devices that are not there.
-- KEYS  as record.lua, and  4 notices  5 kept answer
-- ARGV  as record.lua, and  4 fingerprint  5 TTL of the kept answer in ms  6 id  7 name  8 JSON, "" for none
--       9 how many notices are kept  10 for how long, in ms
-- Returns {"ok", id, sentAt in ms}.

local NOTICES, KEPT = KEYS[4], KEYS[5]
local known = first_answer(KEPT, ARGV[4])
if known then return known end

local record, now = read_record(), now_ms()
local encoded = cjson.encode({ whole(record.offset + 1), ARGV[6], ARGV[7], ARGV[8], whole(now) })
redis.call('RPUSH', NOTICES, encoded)
redis.call('LTRIM', NOTICES, -tonumber(ARGV[9]), -1)
while is_outdated(redis.call('LINDEX', NOTICES, 0), now, tonumber(ARGV[10])) do redis.call('LPOP', NOTICES) end
redis.call('PEXPIRE', NOTICES, ARGV[10])
tell(record, 'notice', encoded)
keep_record(record)
return answer(KEPT, ARGV[4], ARGV[5], { 'ok', ARGV[6], whole(now) })
