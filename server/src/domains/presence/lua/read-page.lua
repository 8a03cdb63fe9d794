--- @include ./presence.lua
--- @args caller granted cursorEpoch behind limit limitBytes
--- @reply ok: epoch offset count hasMore members...
--- @reply forbidden:
-- Reads a page of members in the order of their join offsets. The page begins after the join offset `behind`
-- of the epoch `cursor_epoch`. `caller` is the user who calls, "" for a server. `granted` is the role that
-- the caller's credentials give. `epoch` is "" for a room without presence data. `members` are pairs of a
-- user's id and the member as JSON.

local room = read_presence()
if not role_granted(granted, room, caller, room.now) then return { 'forbidden' } end
local most, most_bytes = tonumber(limit), tonumber(limit_bytes)
-- A join offset has no meaning in another epoch, so reading starts at the first page again.
local from = room.epoch == cursor_epoch and behind or '0'
local reply = { 'ok', room.epoch or '', whole(room.offset), whole(redis.call('ZCARD', PRESENT_KEY)), '0' }
if most == 0 then return reply end
local users = redis.call('ZRANGEBYSCORE', PRESENT_KEY, '(' .. from, '+inf', 'LIMIT', 0, most + 1)
local bytes = 0
for at, user in ipairs(users) do
  local record = read_record(user)
  local encoded = record and encode_member(user, record)
  bytes = bytes + (encoded and #encoded or 0)
  if at > most or at > 1 and bytes > most_bytes then
    reply[5] = '1'
    break
  end
  if encoded then
    reply[#reply + 1], reply[#reply + 2] = user, encoded
  end
end
return reply
