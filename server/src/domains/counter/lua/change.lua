--- @include ./state.lua
--- @include ../../../redis/lua/clock.lua
--- @include ../../shared/lua/outbox.lua
--- @keys topic
--- @args publishCommand
-- Writes the changed state and publishes a notice, at most one per NOTICE_MS. A node that receives one reads
-- the counter again after more than NOTICE_MS, so it also sees changes without a notice (feed.ts). A crossed
-- threshold always has a notice.

local NOTICE_MS = 95

-- A notice is "epoch offset value" followed by `crossed`.
local function commit(state, now)
  state.offset = state.offset + 1
  local since = now - state.noticed_at
  -- After a clock that was set back, the time of the last notice lies in the future.
  local has_notice = #state.crossings > 0 or since >= NOTICE_MS or since < 0
  if has_notice then state.noticed_at = now end
  redis.call(
    'HSET',
    META_KEY,
    'offset',
    exact(state.offset),
    'value',
    exact(state.value),
    'armed',
    state.armed,
    'crossed',
    state.crossed,
    'noticedAt',
    exact(state.noticed_at)
  )
  for _, crossing in ipairs(state.crossings) do
    queue_event('counter.threshold', now, crossing[1], crossing[2])
  end
  if has_notice then
    local notice = state.epoch .. ' ' .. exact(state.offset) .. ' ' .. exact(state.value) .. state.crossed
    redis.call(publish_command, TOPIC_KEY, notice)
  end
end
