--- @include ./entry.lua
--- @keys entry tags
--- @reply ok: value remainingMs
--- @reply miss:
-- Reads an entry. Replies `miss` if the entry does not exist or was invalidated.

local value = read_value(ENTRY_KEY, TAGS_KEY)
if not value then return { 'miss' } end
return { 'ok', value, whole(redis.call('PTTL', ENTRY_KEY)) }
