--- @include ./entry.lua
--- @keys entry tags load
--- @args token loadMs memoryMs
--- @reply ok: outcome value remainingMs
-- Reads an entry, or makes the caller the only one that loads its value.
--   outcome  "hit", "load", or "wait" while another caller loads

local value = read_value(ENTRY_KEY, TAGS_KEY)
if value then return { 'ok', 'hit', value, whole(redis.call('PTTL', ENTRY_KEY)) } end

local loading = redis.call('GET', LOAD_KEY)
if loading and string.match(loading, '^%S+') ~= token then
  return { 'ok', 'wait', '', whole(redis.call('PTTL', LOAD_KEY)) }
end
-- A repeat keeps the number of its first call: an invalidation in between concerns it.
if not loading then
  redis.call('SET', LOAD_KEY, token .. ' ' .. whole(number_of(TAGS_KEY, 'number')), 'PX', load_ms)
  keep_numbers(TAGS_KEY, memory_ms)
end
return { 'ok', 'load', '', whole(redis.call('PTTL', LOAD_KEY)) }
