--- @include ./publish-changes.lua
--- @args user behind limit
--- @reply ok: dueInMs accessVersion last
-- Evicts members who lost access and have no live connection. For a member with a connection, the node that
-- holds the connection checks the access, because it knows the credentials. A member stays for a while after
-- the last connection closed: the grace. In the grace, no node knows the credentials. The credentials may
-- still give access, so only a ban evicts a member in the grace.
-- Checks the member `user`. If `user` is "", it checks the next `limit` members after the join offset
-- `behind`. `last` is the join offset of the last checked member, or "" when all members are checked.

local room = read_presence()
local function is_banned(id) return tonumber(redis.call('ZSCORE', BANS_KEY, id) or 0) > room.now end
local function has_grace(id) return redis.call('ZSCORE', GRACE_KEY, id) ~= false end

local users, last = { user }, ''
if user == '' then
  local from = '(' .. behind
  local found = redis.call('ZRANGEBYSCORE', PRESENT_KEY, from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
  users = {}
  for at = 1, #found, 2 do
    users[#users + 1] = found[at]
  end
  if #users == tonumber(limit) then last = found[#found] end
end
for _, each in ipairs(users) do
  local record = read_record(each)
  local is_connected = record ~= nil and has_holder(record)
  if
    not is_connected
    and not role_in(room, each, room.now)
    and (is_banned(each) or not has_grace(each))
  then
    remove_member(room, each)
  end
end
publish_changes(room)
if last == '' then redis.call(publish_command, TOPIC_KEY, 'access ' .. user) end
return { 'ok', due_in_ms(room), room.access_version, last }
