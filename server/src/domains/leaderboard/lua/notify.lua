-- Publishes a notice that the board changed, at most one per NOTICE_MS. A node that receives one reads the
-- board at once and again after more than NOTICE_MS, so it also sees changes without a notice of their own
-- (window-feed.ts).

local NOTICE_MS = 95

local function notify(epoch, offset, now)
  local noticed_at = tonumber(redis.call('HGET', META_KEY, 'noticedAt') or 0)
  -- After a clock that was set back, the time of the last notice lies in the future.
  if now >= noticed_at and now - noticed_at < NOTICE_MS then return end
  redis.call('HSET', META_KEY, 'noticedAt', string.format('%.0f', now))
  redis.call(publish_command, TOPIC_KEY, epoch .. ' ' .. string.format('%.0f', offset))
end
