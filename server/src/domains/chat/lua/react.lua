--- @include ./write.lua
--- @include ./change-limit.lua
--- @args id offset emoji added emojiLimit userLimit
--- @reply ok: count changed users...
--- @reply no_message:
--- @reply emoji:
-- Adds the caller's reaction to a message (`added` is "1"), or removes it ("0"). A message has at most
-- `emojiLimit` different emoji; one more is refused with `emoji`. The message's item lists at most
-- `userLimit` users for each emoji.
--   count    how many users have reacted with the emoji after the change
--   changed  "0" when the caller had already reacted, or had no reaction to remove
--   users    the users that the item lists for the emoji

local reply, room, now, role = begin_write()
if reply then return reply end

local at = tonumber(offset)
local message = message_at(room, at)
if not message then return { 'no_message' } end

local is_added = added == '1'
local reactions = message[12] == '' and {} or message[12]
local place = #reactions + 1
for number, reaction in ipairs(reactions) do
  if reaction[1] == emoji then place = number end
end
local reaction = reactions[place] or { emoji, '0' }
if is_added and place > tonumber(emoji_limit) then return { 'emoji' } end

local member = offset .. '\n' .. emoji .. '\n' .. caller
local has_reacted = redis.call('ZSCORE', REACTORS_KEY, member) ~= false
local changed = has_reacted ~= is_added
if changed then
  -- refuse_reaction() writes an entry to the ZSET `reacted` (change-limit.lua). The entry stays even if
  -- refuse_change() then refuses the change. forget() (log.lua) removes a message's entries only if the
  -- message's offset is at most `reactedTo`. So `reactedTo` is raised before the entry is written.
  if at > room.reactedTo then
    room.reactedTo = at
    redis.call('HSET', META_KEY, 'reactedTo', offset)
  end
  local refusal = refuse_reaction(role, at) or refuse_change(role)
  if refusal then return refusal end
  local count = tonumber(reaction[2]) + (is_added and 1 or -1)
  reaction[2] = whole(count)
  if is_added then
    redis.call('ZADD', REACTORS_KEY, offset, member)
    if #reaction < tonumber(user_limit) + 2 then reaction[#reaction + 1] = caller end
  else
    redis.call('ZREM', REACTORS_KEY, member)
    for number = #reaction, 3, -1 do
      if reaction[number] == caller then table.remove(reaction, number) end
    end
  end
  reactions[place] = reaction
  if count == 0 then table.remove(reactions, place) end
  message[12] = #reactions == 0 and '' or reactions
  replace(room, at, message)
  append(room, now, { 'r', id, offset, emoji, caller, added, reaction[2] })
end

reply = { 'ok', reaction[2], changed and '1' or '0' }
for number = 3, #reaction do
  reply[#reply + 1] = reaction[number]
end
return keep_reply(reply)
