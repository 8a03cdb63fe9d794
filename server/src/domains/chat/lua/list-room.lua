--- @include ../../../redis/lua/clock.lua
--- @keys chats userTopic
--- @args publishCommand room listed limit ttlMs
--- @reply ok:
-- Adds a room to the list of a user's rooms (`listed` is "1") or removes it ("0"). If this changes
-- the list, the script publishes the change on the user's topic, for the nodes with subscribers of the user's
-- channel. The list keeps the `limit` rooms that were added last. The script drops older rooms, and does not
-- publish that it dropped them.

if listed == '1' then
  local is_new = redis.call('ZADD', CHATS_KEY, 'NX', string.format('%.0f', now_ms()), room) == 1
  redis.call('ZREMRANGEBYRANK', CHATS_KEY, 0, -1 - tonumber(limit))
  redis.call('PEXPIRE', CHATS_KEY, ttl_ms)
  if is_new then redis.call(publish_command, USER_TOPIC_KEY, 'chat joined ' .. room) end
elseif redis.call('ZREM', CHATS_KEY, room) == 1 then
  redis.call(publish_command, USER_TOPIC_KEY, 'chat left ' .. room)
end
return { 'ok' }
