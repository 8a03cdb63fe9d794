-- Publishes a notice that the board changed, at most one per NOTICE_MS. A node that receives one reads the
-- board at once and again after more than NOTICE_MS, so it also sees changes without a notice of their own
-- (window-feed.ts).

local NOTICE_MS = 95

-- Writes the board's offset and publishes a notice if one is due. `noticed_at` is the field of that name;
-- further values are fields to write with the offset.
local function note_change(epoch, offset, noticed_at, now, ...)
  noticed_at = tonumber(noticed_at or 0)
  local offset_text = string.format('%.0f', offset)
  -- After a clock that was set back, the time of the last notice lies in the future.
  if now >= noticed_at and now - noticed_at < NOTICE_MS then
    redis.call('HSET', META_KEY, 'offset', offset_text, ...)
    return
  end
  redis.call('HSET', META_KEY, 'offset', offset_text, 'noticedAt', string.format('%.0f', now), ...)
  redis.call(publish_command, TOPIC_KEY, epoch .. ' ' .. offset_text)
end

-- Counts one change of the board.
local function count_change(now)
  local epoch, offset, noticed_at = unpack(redis.call('HMGET', META_KEY, 'epoch', 'offset', 'noticedAt'))
  note_change(epoch, tonumber(offset) + 1, noticed_at, now)
end
