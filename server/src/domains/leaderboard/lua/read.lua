--- @include ./where.lua
--- @include ./pages.lua
--- @args rule known
--- @reply dense:
--- @reply same:
-- The start of every script that reads entries of one season. `rule` is "ordinal", "competition" or "dense".
-- `known` is the position for which the node has the answer, or "".

-- Returns the board's order and the season, or nil and the reply: a stale cache, {"same"} when nothing has
-- changed since the known position, or {"dense"} when the distinct scores have to be counted first.
local function begin_read()
  local season, order, subscore_order, epoch, offset =
    read_window(now_ms(), { 'subscoreOrder', 'epoch', 'offset' })
  if not season then return nil, order end
  position = epoch .. ':' .. offset
  if position == known then return nil, { 'same' } end
  if rule == 'dense' then
    if not redis.call('ZSCORE', season.distinct, 'counted') then return nil, { 'dense' } end
    -- Dense reads keep the distinct scores alive.
    redis.call('PEXPIRE', season.distinct, DISTINCT_TTL_MS)
  end
  return order, season, subscore_order
end
