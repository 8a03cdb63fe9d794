--- @include ../../../redis/lua/idempotency.lua
--- @include ./entry.lua
--- @keys tags
--- @args memoryMs tagsLimit
--- @args names[]
--- @reply ok:
-- Invalidates the entries that have one of the tags; without tags, all entries of the cache. Invalidations
-- are numbered, and the cache keeps the number of each tag's last invalidation (entry.lua).
--   memoryMs   how long these numbers are kept
--   tagsLimit  the most tags for which a cache keeps numbers. A call that could exceed this limit
--              invalidates all entries of the cache instead

local first = first_reply()
if first then return first end

local number = number_of(TAGS_KEY, 'number') + 1
if names_count == 0 or redis.call('HLEN', TAGS_KEY) + names_count > tonumber(tags_limit) then
  redis.call('UNLINK', TAGS_KEY)
  redis.call('HSET', TAGS_KEY, 'floor', whole(number))
end
for at = 1, names_count do
  redis.call('HSET', TAGS_KEY, 'tag:' .. names_at(at), whole(number))
end
redis.call('HSET', TAGS_KEY, 'number', whole(number))
keep_numbers(TAGS_KEY, memory_ms)
return keep_reply({ 'ok' })
