--- @include ./season.lua
--- @include ./pages.lua
-- How every script that reads entries begins.
-- KEYS  1 board's meta  2 seasons  3... window (season.lua)
-- ARGV  1 plan  2... window (season.lua)  6 ranking rule: "ordinal", "competition" or "dense"

-- The board's order, the season and the rule; or nil and the reply to give: what season.lua says, or {"dense"} when the
-- distinct scores have to be counted first.
local function reading()
  local season, rule = believed_window(3, 2), ARGV[6]
  local wrong = disproved(KEYS[1], KEYS[2], ARGV[1], { season }, now_ms())
  if wrong then return nil, wrong end
  if rule == 'dense' then
    if not redis.call('ZSCORE', season.distinct, 'counted') then return nil, { 'dense' } end
    -- They are kept for as long as somebody asks for them.
    redis.call('PEXPIRE', season.distinct, DISTINCT_TTL_MS)
  end
  return redis.call('HGET', KEYS[1], 'order'), season, rule
end
