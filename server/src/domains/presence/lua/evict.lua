--- @include ./presence.lua
-- Puts those out who may not see the room any more, and whom no node holds: those are their nodes' to look after, who
-- know their credentials. Of one who has its grace nobody knows them any more: only a ban puts it out.
-- KEYS  as presence.lua
-- ARGV  as presence.lua, and  6 the user to look at, "" for all  7 behind which stay to go on  8 how many at most
-- Returns {"ok", ms until the room has to be looked at or "", access version, the last stay looked at, "" when all were}.

local room = read_presence()
local function is_banned(user) return tonumber(redis.call('ZSCORE', BANS, user) or 0) > room.now end
local function has_grace(user) return redis.call('ZSCORE', GRACE, user) ~= false end

local users, last = { ARGV[6] }, ''
if ARGV[6] == '' then
  local found = redis.call('ZRANGEBYSCORE', PRESENT, '(' .. ARGV[7], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[8])
  users = {}
  for at = 1, #found, 2 do users[#users + 1] = found[at] end
  if #users == tonumber(ARGV[8]) then last = found[#found] end
end
for _, user in ipairs(users) do
  local record = record_of(user)
  local is_held_by_node = record ~= nil and #record >= FIRST_HOLDER
  if not is_held_by_node and not role_in(room, user, room.now) and (is_banned(user) or not has_grace(user)) then
    put_out(room, user)
  end
end
finish(room)
if last == '' then redis.call(PUBLISH, TOPIC, 'access ' .. ARGV[6]) end
return { 'ok', next_look(room), room.access, last }
