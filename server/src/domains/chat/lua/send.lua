--- @include ./writer.lua
-- Appends a message.
-- KEYS  as room.lua, and  11 that the caller has sent lately
-- ARGV  as room.lua, and  8 id  9 text  10 metadata JSON  11 offset of the message that it answers
--       12 profile JSON; what is absent is ""
-- Returns {"ok", offset, id, sentAt in ms}, or {"forbidden"}, {"muted", until}, {"no_reply"}, {"slow", ms to wait}.
-- The kept answer holds no text, which would outlive a deletion.

local reply_now, room, now, role = begin_write()
if reply_now then return reply_now end

if ARGV[11] ~= '' then
  local answered = item_at(room, tonumber(ARGV[11]))
  if not answered or answered[1] ~= 'm' or answered[11] ~= '' then return { 'no_reply' } end
end

if room.slowModeMs > 0 and (role == 'visitor' or role == 'member') then
  if not redis.call('SET', KEYS[11], '1', 'NX', 'PX', whole(room.slowModeMs)) then
    return { 'slow', whole(redis.call('PTTL', KEYS[11])) }
  end
end

begin_log(room, now)
local offset = append(room, now,
  { 'm', ARGV[8], CALLER, whole(now), ARGV[9], ARGV[10], ARGV[11], ARGV[12], '', '', '', '' })
return answer(KEPT, FINGERPRINT, ANSWER_TTL, { 'ok', whole(offset), ARGV[8], whole(now) })
