--- @include ./message.lua
-- Adds a user's reaction to a message, or takes it back.
-- KEYS  as room.lua
-- ARGV  as room.lua, and  8 id of the item  9 offset of the message  10 emoji  11 "1" to add, "0" to take back
--       12 how many different emoji a message can have  13 how many users a reaction names
-- Returns {"ok", count, "1" when it changed something, user, user, ...}, or {"forbidden"}, {"muted", until},
-- {"no_message"}, {"emoji"} when the message has too many.

local reply_now, room, now, role = begin_write()
if reply_now then return reply_now end

local offset = tonumber(ARGV[9])
local message = message_at(room, offset)
if not message then return { 'no_message' } end

local emoji, is_added = ARGV[10], ARGV[11] == '1'
local most_emoji, most_users = tonumber(ARGV[12]), tonumber(ARGV[13])
local reactions = message[12] == '' and {} or message[12]
local place = #reactions + 1
for at, reaction in ipairs(reactions) do
  if reaction[1] == emoji then place = at end
end
local reaction = reactions[place] or { emoji, '0' }

local member = ARGV[9] .. '\n' .. emoji .. '\n' .. CALLER
local changed
if is_added then
  if place > most_emoji then return { 'emoji' } end
  changed = redis.call('ZADD', REACTORS, 'NX', ARGV[9], member) == 1
else
  changed = redis.call('ZREM', REACTORS, member) == 1
end

if changed then
  local count = tonumber(reaction[2]) + (is_added and 1 or -1)
  reaction[2] = whole(count)
  if is_added and #reaction < most_users + 2 then reaction[#reaction + 1] = CALLER end
  if not is_added then
    for at = #reaction, 3, -1 do
      if reaction[at] == CALLER then table.remove(reaction, at) end
    end
  end
  reactions[place] = reaction
  if count == 0 then table.remove(reactions, place) end
  message[12] = #reactions == 0 and '' or reactions
  replace(room, offset, message)
  append(room, now, { 'r', ARGV[8], ARGV[9], emoji, CALLER, ARGV[11], reaction[2] })
end

local reply = { 'ok', reaction[2], changed and '1' or '0' }
for at = 3, #reaction do reply[#reply + 1] = reaction[at] end
return answer(KEPT, FINGERPRINT, ANSWER_TTL, reply)
