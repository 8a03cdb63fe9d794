--- @include ./where.lua
--- @include ./pages.lua
--- @args rule known
--- @reply dense:
--- @reply same:
-- The beginning of every script that reads entries of one season. `rule` is "ordinal", "competition" or
-- "dense". If the node's cache has the result, `known` is the board's position (pages.lua) when the result
-- was read. Otherwise `known` is "".

-- Returns the board's order, the season, and the subscore order. In three cases the function instead returns
-- nil and a reply. The script must then send this reply and read no entries:
--   {"same"}   if nothing has changed since the position `known`
--   {"dense"}  if the distinct scores are not counted yet (count-distinct.lua)
--   the reply of read_window() (where.lua), if read_window() failed
local function begin_read()
  local season, order, subscore_order, epoch, offset =
    read_window(now_ms(), { 'subscoreOrder', 'epoch', 'offset' })
  if not season then return nil, order end
  position = epoch .. ':' .. offset
  if position == known then return nil, { 'same' } end
  if rule == 'dense' then
    if not redis.call('ZSCORE', season.distinct, 'counted') then return nil, { 'dense' } end
    redis.call('PEXPIRE', season.distinct, DISTINCT_TTL_MS)
  end
  return order, season, subscore_order
end
