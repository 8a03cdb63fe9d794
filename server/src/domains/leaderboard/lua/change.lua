--- @include ../../../redis/lua/clock.lua
-- Telling watchers of a change: a notice on the board's topic, at most one in NOTICE_MS however many changes
-- there are. A node that hears one reads the board at once and again after longer than that, so it also
-- sees the changes that came without a notice of their own (feed.ts).

local NOTICE_MS = 95

local function notify(publish, meta, topic, epoch, offset, now)
  local noticed_at = tonumber(redis.call('HGET', meta, 'noticedAt') or 0)
  -- A clock that was set back must not silence the board.
  if now >= noticed_at and now - noticed_at < NOTICE_MS then return end
  redis.call('HSET', meta, 'noticedAt', string.format('%.0f', now))
  redis.call(publish, topic, epoch .. ' ' .. string.format('%.0f', offset))
end
