--- @include ../../redis/idempotency.lua
--- @include ../../redis/clock.lua
-- Creates a board or replaces its rules.
-- KEYS  1 board's meta  2 kept answer  3 topic, not used  4 ranking
-- ARGV  1 fingerprint  2 TTL of the kept answer in ms  3 not used  4 epoch of a new board
--       5... name and value of each rule; an empty value takes the rule away
-- Returns {"ok", board...} as get.lua does, or {"order"} when a board with entries should change its order.

local meta, kept, ranking = KEYS[1], KEYS[2], KEYS[4]
local known = first_answer(kept, ARGV[1])
if known then return known end

local rules = {}
for at = 5, #ARGV, 2 do rules[ARGV[at]] = ARGV[at + 1] end

local order = redis.call('HGET', meta, 'order')
local total = redis.call('ZCARD', ranking)
if order and order ~= rules.order and total > 0 then return { 'order' } end

local now = string.format('%.0f', now_ms())
if not order then redis.call('HSET', meta, 'epoch', ARGV[4], 'offset', '0', 'createdAt', now) end
for name, value in pairs(rules) do
  if value == '' then redis.call('HDEL', meta, name) else redis.call('HSET', meta, name, value) end
end
redis.call('HSET', meta, 'updatedAt', now)

local reply = { 'ok', tostring(total) }
for _, part in ipairs(redis.call('HGETALL', meta)) do reply[#reply + 1] = part end
return answer(kept, ARGV[1], ARGV[2], reply)
