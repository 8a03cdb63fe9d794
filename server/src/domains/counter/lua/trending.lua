--- @include ../../../redis/lua/clock.lua
--- @include ./growth.lua
-- The counters that grew most over the last hour, those that grew most first.
-- KEYS  1 growth over the last hour, worked out at most every few seconds  2... ring of growth
-- ARGV  1 for how many ms it counts as worked out  2 first rank to look at, from 0  3 how many to look at
-- Returns {counter, growth, counter, growth, ...}. Growth may have a fraction.

local hour, ring = KEYS[1], { unpack(KEYS, 2) }
if redis.call('EXISTS', hour) == 0 then
  local now = now_ms()
  local present, past = math.floor(now / SPAN_MS), now % SPAN_MS / SPAN_MS
  local slots, weights = {}, {}
  for back = 0, SPANS do
    slots[back + 1] = slot_at(ring, present - back)
    -- Of the oldest, only a part still lies within the hour.
    weights[back + 1] = back < SPANS and 1 or 1 - past
  end
  local union = { #slots, unpack(slots) }
  union[#union + 1] = 'WEIGHTS'
  for _, weight in ipairs(weights) do union[#union + 1] = weight end
  redis.call('ZUNIONSTORE', hour, unpack(union))
  redis.call('PEXPIRE', hour, ARGV[1])
end
return redis.call('ZREVRANGE', hour, ARGV[2], ARGV[2] + ARGV[3] - 1, 'WITHSCORES')
