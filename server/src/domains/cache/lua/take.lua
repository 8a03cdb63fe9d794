--- @include ./entry.lua
--- @keys entry tags load
--- @args token loadMs memoryMs
--- @reply ok: outcome value remainingMs
-- Reads an entry. If there is no valid entry and no other caller loads the value, this caller begins a load.
--   outcome      "hit" with the value, "load" for the caller that loads, "wait" while another caller loads
--   remainingMs  the TTL of the entry for "hit"; the TTL of the load for "load" and "wait"
--   memoryMs     how long the invalidation numbers (entry.lua) are kept

local value = read_value(ENTRY_KEY, TAGS_KEY)
if value then return { 'ok', 'hit', value, whole(redis.call('PTTL', ENTRY_KEY)) } end

local loading = redis.call('GET', LOAD_KEY)
if loading and string.match(loading, '^%S+') ~= token then
  return { 'ok', 'wait', '', whole(redis.call('PTTL', LOAD_KEY)) }
end
-- The load stores the number of the cache's last invalidation, so that put.lua notices any later one. A
-- caller that repeats the call keeps its load and this number. So put.lua also notices an invalidation
-- between the two calls.
if not loading then
  redis.call('SET', LOAD_KEY, token .. ' ' .. whole(number_of(TAGS_KEY, 'number')), 'PX', load_ms)
  keep_numbers(TAGS_KEY, memory_ms)
end
return { 'ok', 'load', '', whole(redis.call('PTTL', LOAD_KEY)) }
