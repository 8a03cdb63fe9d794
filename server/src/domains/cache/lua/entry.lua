-- An entry is valid unless one of its tags was invalidated after its load began. The order of loads and
-- invalidations is a number that rises with each invalidation. `floor` is the number of the last invalidation
-- of the whole cache.

local function number_of(tags_key, field) return tonumber(redis.call('HGET', tags_key, field) or 0) end

local function is_invalidated(tags_key, tags, since)
  if number_of(tags_key, 'floor') > since then return true end
  for _, tag in ipairs(tags) do
    if number_of(tags_key, 'tag:' .. tag) > since then return true end
  end
  return false
end

-- Returns the value of an entry, or nil.
local function read_value(entry_key, tags_key)
  local found = redis.call('HMGET', entry_key, 'value', 'tags', 'since')
  if not found[1] or is_invalidated(tags_key, cjson.decode(found[2]), tonumber(found[3])) then
    return nil
  end
  return found[1]
end

-- The numbers outlive every entry and load that holds one.
local function keep_numbers(tags_key, memory_ms) redis.call('PEXPIRE', tags_key, memory_ms) end

local function whole(number) return string.format('%.0f', number) end
