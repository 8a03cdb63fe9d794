--- @include ../../../redis/lua/clock.lua
--- @keys limit
--- @args points windowMs cost
--- @reply ok: allowed remaining retryAfterMs resetMs
-- Takes `cost` points if at least that many are left. A key has at most `points` points. Spent points come
-- back evenly over the window (the GCRA algorithm). The Redis key `limit` contains the time at which all
-- points are back, in ms.

local function whole(number) return string.format('%.0f', number) end

local now = now_ms()
local window = tonumber(window_ms)
local per_point = window / tonumber(points)
-- The stored time may be more than a window ahead if the limit now has a shorter window, or if Redis's clock
-- was set back. A caller must not wait longer than one window.
local full_at = tonumber(redis.call('GET', LIMIT_KEY) or now)
full_at = math.min(math.max(full_at, now), now + window)
local wanted = full_at + per_point * tonumber(cost)
local is_allowed = wanted <= now + window + 0.001
if is_allowed and tonumber(cost) > 0 then
  full_at = wanted
  redis.call(
    'SET',
    LIMIT_KEY,
    string.format('%.3f', full_at),
    'PX',
    whole(math.max(1, math.ceil(full_at - now)))
  )
end
local remaining = math.floor((now + window - full_at) / per_point + 0.001)
local retry_ms = is_allowed and 0 or math.ceil(wanted - now - window)
return {
  'ok',
  is_allowed and '1' or '0',
  whole(remaining),
  whole(retry_ms),
  whole(math.ceil(full_at - now)),
}
