--- @include ../../../redis/lua/idempotency.lua
--- @include ./entry.lua
--- @keys entry tags load
--- @reply ok: deleted
-- Deletes an entry. Also cancels a running load of its value: the caller that loads the value may have read
-- outdated data before the deletion.

local first = first_reply()
if first then return first end

local was_there = read_value(ENTRY_KEY, TAGS_KEY) ~= nil
redis.call('UNLINK', ENTRY_KEY)
redis.call('DEL', LOAD_KEY)
return keep_reply({ 'ok', was_there and '1' or '0' })
