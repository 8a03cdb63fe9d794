-- An entry is valid unless one of its tags was invalidated after its load began. Invalidations are numbered.
-- The HASH `tags` keeps these numbers:
--   number    the number of the last invalidation of any kind
--   tag:news  the number of the last invalidation of the tag "news"
--   floor     the number of the last invalidation of the whole cache
-- The field `since` of an entry is the value of `number` when the entry's load began. For an entry that was
-- put without a load, it is the value at the put. If the number of one of the entry's tags, or `floor`, is
-- larger than `since`, the entry is invalid.

local function number_of(tags_key, field) return tonumber(redis.call('HGET', tags_key, field) or 0) end

local function is_invalidated(tags_key, tags, since)
  if number_of(tags_key, 'floor') > since then return true end
  for _, tag in ipairs(tags) do
    if number_of(tags_key, 'tag:' .. tag) > since then return true end
  end
  return false
end

-- Returns the value of an entry; nil when the entry does not exist or was invalidated.
local function read_value(entry_key, tags_key)
  local found = redis.call('HMGET', entry_key, 'value', 'tags', 'since')
  if not found[1] or is_invalidated(tags_key, cjson.decode(found[2]), tonumber(found[3])) then
    return nil
  end
  return found[1]
end

-- Renews the TTL of the numbers. `memory_ms` is longer than the TTL of any entry or load, so the numbers
-- expire only after everything that is compared with them.
local function keep_numbers(tags_key, memory_ms) redis.call('PEXPIRE', tags_key, memory_ms) end

local function whole(number) return string.format('%.0f', number) end
