--- @keys meta log reactors
--- @args user tombstone from limit
--- @reply ok: next erased messages...
-- Removes a user from up to `limit` items of a room's log, from the offset `from` on: from deleted messages,
-- deletions, and reactions. Messages that are not deleted stay as they are; `messages` are their offsets. `next` is the
-- offset to continue with, "" at the end. Clients read `tombstone` as the user of a reaction that the log still has.

local function whole(number) return string.format('%.0f', number) end

local fields = redis.call('HMGET', META_KEY, 'head', 'next')
local head, behind = tonumber(fields[1]), tonumber(fields[2])
if not head or redis.call('LLEN', LOG_KEY) ~= behind - head then return { 'ok', '', '0' } end

-- Removes the user's reactions from a message. Returns how many there were.
local function erase_reactions(offset, message)
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

local first = math.max(head, tonumber(from))
local items = redis.call('LRANGE', LOG_KEY, first - head, first - head + tonumber(limit) - 1)
local erased, messages = 0, {}
for at, encoded in ipairs(items) do
  local offset, item = first + at - 1, cjson.decode(encoded)
  local count = 0
  if item[1] == 'm' then
    if item[3] == user and item[11] == '' then messages[#messages + 1] = whole(offset)
    elseif item[3] == user then item[3], item[8], count = '', '', 1 end
    count = count + erase_reactions(offset, item)
  elseif item[1] == 'd' and item[4] == user then
    item[4], count = '', 1
  elseif item[1] == 'r' and item[5] == user then
    item[5], count = tombstone, 1
  end
  if count > 0 then
    redis.call('LSET', LOG_KEY, offset - head, cjson.encode(item))
    erased = erased + count
  end
end
local next = #items == tonumber(limit) and whole(first + #items) or ''
return { 'ok', next, whole(erased), unpack(messages) }
