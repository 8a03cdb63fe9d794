--- @include ./change.lua
--- @include ./callers.lua
--- @include ./series.lua
--- @keys shares[]: visitors
--- @args newEpoch
-- Counts visitors of a unique counter for many callers. The `subject` of a caller (callers.lua) is the
-- visitor.
--
-- One HyperLogLog has a standard error of 0.8 %. So visitors are spread by their hash over sixteen
-- HyperLogLogs, the shares. The errors of the shares mostly cancel out: the sum has a standard error of
-- 0.2 %. A visit runs PFCOUNT only on the share of its visitor.
--
-- A series (series.lua) has no shares. It has one HyperLogLog, with the visitors of its newest interval.
--
-- Replies a list:
--
--   1   "new" when the run created the counter, "known" when it existed, "none" when it still does not exist
--   2   how much the value grew, such as "12"
--   3+  a result for each caller: "<value>:1", "<value>:0", or the rule that refused the visit:
--         "<value>:1"    the visit changed its share, so the visitor is new
--         "<value>:0"    the visit did not change its share; this also happens for a few new visitors
--         "forbidden"    the counter accepts only servers, and users with the right `submit`
--         "kind"         the counter is not unique: it counts a total, not visitors
--         "idempotency"  the caller's idempotency key was used with another input

local state, now = read_state(), now_ms()
local has_changed, visitors = false, {}

local function visit(writer, visitor)
  if state.add == 'server' and writer ~= 'server' then return 'forbidden', true end
  if state.kind == 'total' then return 'kind', true end
  visitors[#visitors + 1] = visitor
  local number = tonumber(string.sub(redis.sha1hex(visitor), 1, 1), 16)
  local share = shares_at(number + 1).visitors
  local before = redis.call('PFCOUNT', share)
  local is_new = redis.call('PFADD', share, visitor) == 1
  if is_new then
    local value = state.value + redis.call('PFCOUNT', share) - before
    has_changed = has_changed or value ~= state.value
    change_to(state, value, now)
  end
  return exact(state.value) .. (is_new and ':1' or ':0'), false
end

local before = state.value
local reply = { state.epoch and 'known' or 'none', '0' }
serve_callers(now, reply, visit)
if #visitors > 0 then
  if create(state, new_epoch, 'unique', now) then reply[1] = 'new' end
  if has_changed then commit(state, now) end
  for_each_interval(state, function(interval)
    count_in(interval, now, function(_, is_new)
      if is_new then redis.call('UNLINK', interval.visitors) end
      redis.call('PFADD', interval.visitors, unpack(visitors))
      redis.call('PEXPIRE', interval.visitors, 2 * interval.length_ms)
      return redis.call('PFCOUNT', interval.visitors)
    end)
  end)
end
reply[2] = exact(state.value - before)
return reply
