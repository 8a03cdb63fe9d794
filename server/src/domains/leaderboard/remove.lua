--- @include ../../redis/idempotency.lua
--- @include ./ranking.lua
--- @include ./change.lua
-- Removes a member's entry.
-- KEYS  1 board's meta  2 kept answer  3 topic  4 ranking  5 records
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 PUBLISH or SPUBLISH  4 member
-- Returns {"ok"}, {"not_found"} when there is no board, or {"no_entry"}.

local meta, kept, topic, ranking, records = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local known = first_answer(kept, ARGV[1])
if known then return known end

local epoch = redis.call('HGET', meta, 'epoch')
if not epoch then return { 'not_found' } end
local record = redis.call('HGET', records, ARGV[4])
if not record then return { 'no_entry' } end
redis.call('ZREM', ranking, place_in(record) .. ARGV[4])
redis.call('HDEL', records, ARGV[4])
notify(ARGV[3], meta, topic, epoch, redis.call('HINCRBY', meta, 'offset', 1), now_ms())
return answer(kept, ARGV[1], ARGV[2], { 'ok' })
