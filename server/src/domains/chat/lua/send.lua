--- @include ./write.lua
--- @keys pace
--- @args id text metadata replyTo profile
--- @reply ok: offset id sentAtMs
--- @reply no_reply:
--- @reply slow: waitMs
-- Appends a message. `metadata` and `profile` are JSON, `replyTo` is an offset; absent values are "". The
-- kept reply holds no text: that would outlive a deletion.

local reply, room, now, role = begin_write()
if reply then return reply end

if reply_to ~= '' and not message_at(room, tonumber(reply_to)) then return { 'no_reply' } end

if room.slowModeMs > 0 and (role == 'visitor' or role == 'member') then
  if not redis.call('SET', PACE_KEY, '1', 'NX', 'PX', whole(room.slowModeMs)) then
    return { 'slow', whole(redis.call('PTTL', PACE_KEY)) }
  end
end

begin_log(room, now)
local message = { 'm', id, caller, whole(now), text, metadata, reply_to, profile, '', '', '', '' }
local offset = append(room, now, message)
return keep_reply({ 'ok', whole(offset), id, whole(now) })
