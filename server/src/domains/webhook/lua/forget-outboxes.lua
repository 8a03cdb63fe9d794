--- @include ../../../redis/lua/clock.lua
--- @keys outboxes
--- @args keptMs
--- @args sources[]
-- Removes outboxes from the list of outboxes, except those that a node put on the list within the last
-- `kept_ms`. `sources` names the board, room, counter or user of each outbox. The caller has found these
-- outboxes empty.

local before = now_ms() - tonumber(kept_ms)
for number = 1, sources_count do
  local source = sources_at(number)
  local listed_at = tonumber(redis.call('ZSCORE', OUTBOXES_KEY, source) or 0)
  -- A time more than `kept_ms` in the future was written while the clock of Redis was ahead.
  if listed_at < before or listed_at > before + 2 * tonumber(kept_ms) then
    redis.call('ZREM', OUTBOXES_KEY, source)
  end
end
return 1
