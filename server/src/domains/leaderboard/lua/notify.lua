-- Publishes a notice that the board changed, at most one in NOTICE_MS. A change within NOTICE_MS after a
-- notice has no notice of its own. A node that receives a notice reads the board at once and again after more
-- than NOTICE_MS, so it also sees these changes (window-feed.ts).

local NOTICE_MS = 95

-- Writes the board's offset, and publishes a notice if one is due. `noticed_at` is the time of the last
-- notice, the field `noticedAt` of the board. `...` are further fields and values to write.
local function note_change(epoch, offset, noticed_at, now, ...)
  noticed_at = tonumber(noticed_at or 0)
  local offset_text = string.format('%.0f', offset)
  -- If Redis's clock was set back, the last notice may lie in the future. A notice is then due.
  if now >= noticed_at and now - noticed_at < NOTICE_MS then
    redis.call('HSET', META_KEY, 'offset', offset_text, ...)
    return
  end
  redis.call('HSET', META_KEY, 'offset', offset_text, 'noticedAt', string.format('%.0f', now), ...)
  redis.call(publish_command, TOPIC_KEY, epoch .. ' ' .. offset_text)
end

-- Increments the board's offset, and publishes a notice if one is due.
local function count_change(now)
  local epoch, offset, noticed_at = unpack(redis.call('HMGET', META_KEY, 'epoch', 'offset', 'noticedAt'))
  note_change(epoch, tonumber(offset) + 1, noticed_at, now)
end
