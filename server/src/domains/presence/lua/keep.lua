--- @include ./publish-changes.lua
--- @include ../../../redis/lua/idempotency.lua
--- @args user ttlMs newState newProfile
--- @reply ok: epoch atMs member
--- @reply forbidden:
-- Keeps a user in a room for `ttl_ms`, with or without connections. `new_state` and `new_profile` are JSON:
-- "null" clears a value, "" leaves it as it is.

local first = first_reply()
if first then return first end

local room = read_presence()
if not role_in(room, user, room.now) then return { 'forbidden' } end

local record = read_record(user)
local was_present = is_present(user, record)
if not was_present then record = { whole(room.now), whole(room.now), '', '' } end
local is_changed = update_record(room, record, new_state, new_profile)
if not was_present then
  join(room, user, record)
elseif is_changed then
  add_change(room, 'u', user, record)
end
-- A user without a connection stays for a while: the grace. If the grace ends after the TTL, the user stays
-- until the end of the grace.
local ends_at =
  math.max(room.now + tonumber(ttl_ms), tonumber(redis.call('ZSCORE', GRACE_KEY, user) or 0))
redis.call('ZREM', GRACE_KEY, user)
redis.call('ZADD', KEPT_KEY, whole(ends_at), user)
redis.call('HSET', KEPT_TTLS_KEY, user, whole(ends_at - room.now))
set_clock(room)
write_record(user, record)
publish_changes(room)
local reply = { 'ok', room.epoch, whole(room.now), encode_member(user, record) }
return keep_reply(reply)
