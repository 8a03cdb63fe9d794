--- @include ./log.lua
--- @args changeLimit reactionLimit
--- @reply busy: waitMs
--- @reply reactions:
-- Limits how often a user changes messages: edits, deletions and reactions.

local MINUTE_MS = 60000

-- Counts a change by a caller in this role. Returns the refusal when there were too many within a minute.
local function refuse_change(role)
  if role ~= 'visitor' and role ~= 'member' then return nil end
  local now = now_ms()
  local began_at, count = string.match(redis.call('HGET', CHANGED_KEY, caller) or '', '^(%d+) (%d+)$')
  began_at, count = tonumber(began_at or 0), tonumber(count or 0)
  -- A beginning in the future was written while Redis's clock was ahead.
  if began_at > now or began_at + MINUTE_MS <= now then
    began_at, count = now, 0
  end
  if count >= tonumber(change_limit) then return { 'busy', whole(began_at + MINUTE_MS - now) } end
  redis.call('HSET', CHANGED_KEY, caller, whole(began_at) .. ' ' .. whole(count + 1))
  return nil
end

-- Counts a change of the caller's reactions to the message at an offset. Returns the refusal when there were
-- too many. The score is the offset and, as a fraction, the count: so a trimmed message takes its counts
-- along.
local function refuse_reaction(role, offset)
  if role ~= 'visitor' and role ~= 'member' then return nil end
  local member = whole(offset) .. '\n' .. caller
  local count =
    math.floor((tonumber(redis.call('ZSCORE', REACTED_KEY, member) or offset) - offset) * 1024 + 0.5)
  if count >= tonumber(reaction_limit) then return { 'reactions' } end
  redis.call('ZADD', REACTED_KEY, string.format('%.17g', offset + (count + 1) / 1024), member)
  return nil
end
