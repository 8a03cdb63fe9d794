--- @include ../../../redis/lua/idempotency.lua
--- @include ./entry.lua
--- @keys entry tags load
--- @args token value tagList ttlMs memoryMs
--- @reply ok: stored
-- Stores an entry. With a token, the entry is stored only if the caller's load is still current, and none of
-- the tags was invalidated since the load began.
--   token     the token of the load (take.lua); "" to store in any case
--   tagList   the tags of the entry as a JSON array
--   memoryMs  how long Redis keeps the HASH `tags`. Invalidations are numbered, and `tags` contains the
--             number of each tag's last invalidation (entry.lua)

local first = first_reply()
if first then return first end

local since = number_of(TAGS_KEY, 'number')
local is_stored = true
if token ~= '' then
  local owner, number = string.match(redis.call('GET', LOAD_KEY) or '', '^(%S+) (%d+)$')
  is_stored = owner == token and not is_invalidated(TAGS_KEY, cjson.decode(tag_list), tonumber(number))
  if owner == token then redis.call('DEL', LOAD_KEY) end
  if is_stored then since = tonumber(number) end
else
  -- Cancels a running load: it may end later than this call, with an older value.
  redis.call('DEL', LOAD_KEY)
end
if is_stored then
  redis.call('HSET', ENTRY_KEY, 'value', value, 'tags', tag_list, 'since', whole(since))
  redis.call('PEXPIRE', ENTRY_KEY, ttl_ms)
  keep_numbers(TAGS_KEY, memory_ms)
end
return keep_reply({ 'ok', is_stored and '1' or '0' })
