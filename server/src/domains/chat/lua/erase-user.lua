--- @keys meta log older reactors reacted
--- @args user tombstone from limit
--- @args olderOffsets[]
--- @reply ok: next erased messages...
-- Removes what a room's items keep of a user:
--   - the user's id in messages that are deleted
--   - the user's id in deletions: a deletion is an item that names the user who deleted a message
--   - the user's reactions in messages
--   - the user's id in reaction items: such an item records that a user added or removed a reaction
--   - the user's id, text and metadata in edits: a message's latest edit gets them when the room removes the
--     message (see forget() in log.lua)
-- If `olderOffsets` has offsets, the run changes the messages at these offsets in the HASH `older`, which has
-- the messages that have left the log (log.lua). Else it changes up to `limit` items of the log, from the
-- offset `from` on.
--   tombstone  replaces the user's id in reaction items, because clients expect a user id there
--   next       the offset with which the next run continues; "" at the end
--   erased     how many items and reactions were changed
--   messages   the offsets of the user's messages that are not deleted. user-data.ts deletes them; this run
--              removes only the user's reactions from them

local function whole(number) return string.format('%.0f', number) end

local fields = redis.call('HMGET', META_KEY, 'head', 'next')
local head, behind = tonumber(fields[1]), tonumber(fields[2])
if not head or redis.call('LLEN', LOG_KEY) ~= behind - head then return { 'ok', '', '0' } end

-- Removes the user's reactions from a message. Returns how many there were.
local function erase_reactions(offset, message)
  redis.call('ZREM', REACTED_KEY, whole(offset) .. '\n' .. user)
  if message[12] == '' or message[12] == nil then return 0 end
  local kept, erased = {}, 0
  for _, reaction in ipairs(message[12]) do
    if redis.call('ZREM', REACTORS_KEY, whole(offset) .. '\n' .. reaction[1] .. '\n' .. user) == 1 then
      erased = erased + 1
      reaction[2] = whole(tonumber(reaction[2]) - 1)
      for at = #reaction, 3, -1 do
        if reaction[at] == user then table.remove(reaction, at) end
      end
    end
    if tonumber(reaction[2]) > 0 then kept[#kept + 1] = reaction end
  end
  message[12] = #kept == 0 and '' or kept
  return erased
end

local erased, messages = 0, {}

-- Returns the encoded item without the user's id; nil if the item does not change.
local function without_user(offset, encoded)
  local item, count = cjson.decode(encoded), 0
  if item[1] == 'm' then
    if item[3] == user and item[11] == '' then
      messages[#messages + 1] = whole(offset)
    elseif item[3] == user then
      item[3], item[8], count = '', '', 1
    end
    count = count + erase_reactions(offset, item)
  elseif item[1] == 'e' and item[7] == user then
    item[4], item[5], item[7], count = '', '', '', 1
  elseif item[1] == 'd' and item[4] == user then
    item[4], count = '', 1
  elseif item[1] == 'r' and item[5] == user then
    item[5], count = tombstone, 1
  end
  erased = erased + count
  return count > 0 and cjson.encode(item) or nil
end

local next = ''
if older_offsets_count > 0 then
  for number = 1, older_offsets_count do
    local offset = older_offsets_at(number)
    local encoded = redis.call('HGET', OLDER_KEY, offset)
    local changed = encoded and without_user(tonumber(offset), encoded)
    if changed then redis.call('HSET', OLDER_KEY, offset, changed) end
  end
else
  local first = math.max(head, tonumber(from))
  local items = redis.call('LRANGE', LOG_KEY, first - head, first - head + tonumber(limit) - 1)
  for at, encoded in ipairs(items) do
    local offset = first + at - 1
    local changed = without_user(offset, encoded)
    if changed then redis.call('LSET', LOG_KEY, offset - head, changed) end
  end
  if #items == tonumber(limit) then next = whole(first + #items) end
end
return { 'ok', next, whole(erased), unpack(messages) }
