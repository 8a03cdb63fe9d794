--- @include ./state.lua
--- @include ../../../redis/lua/clock.lua
-- Ending a change: the new state is written, and watchers are told of it at most once in NOTICE_MS, however many
-- changes there are. Who hears a notice reads the counter once more, longer than that after the last notice, and
-- so sees the changes that came without one (feed.ts). That a threshold was crossed is always told of.

local NOTICE_MS = 95

-- A notice is "epoch offset value" and then what `crossed` holds.
local function commit(state, meta, publish, topic, now)
  state.offset = state.offset + 1
  local since = now - state.noticed_at
  -- A clock that was set back must not silence the counter.
  local is_told = state.has_crossed or since >= NOTICE_MS or since < 0
  if is_told then state.noticed_at = now end
  redis.call('HSET', meta, 'offset', exact(state.offset), 'value', exact(state.value), 'armed', state.armed,
    'crossed', state.crossed, 'noticedAt', exact(state.noticed_at))
  if is_told then
    redis.call(publish, topic, state.epoch .. ' ' .. exact(state.offset) .. ' ' .. exact(state.value) .. state.crossed)
  end
end
