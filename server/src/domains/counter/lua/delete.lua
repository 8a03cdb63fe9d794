--- @include ../../../redis/lua/idempotency.lua
--- @include ./state.lua
--- @keys topic
--- @keys intervals[]: series visitors
--- @keys shares[]: visitors
--- @args publishCommand
--- @reply ok: isNow
--- @reply not_found:
-- Deletes a counter, and publishes a notice with the value 0.
--   isNow  "now" when this run deleted the counter; nil in the reply to a repeated idempotency key

local first = first_reply()
if first then return first end

local state = read_state()
if not state.epoch then return { 'not_found' } end
redis.call('UNLINK', META_KEY)
for number = 1, intervals_count do
  local interval = intervals_at(number)
  redis.call('UNLINK', interval.series, interval.visitors)
end
for number = 1, shares_count do
  redis.call('UNLINK', shares_at(number).visitors)
end
redis.call(publish_command, TOPIC_KEY, state.epoch .. ' ' .. exact(state.offset + 1) .. ' 0')
keep_reply({ 'ok' })
return { 'ok', 'now' }
