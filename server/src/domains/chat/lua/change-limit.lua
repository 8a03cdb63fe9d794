--- @include ./log.lua
--- @args changeLimit reactionLimit
--- @reply busy: waitMs
--- @reply reactions:
-- Limits how often a user changes messages, by edits, deletions and reactions. Moderators and servers have no
-- limit.
--   busy       the user made `changeLimit` changes within a minute; `waitMs` is the time until the next
--              change is allowed
--   reactions  the user changed the reactions to this message `reactionLimit` times

local MINUTE_MS = 60000

-- Counts a change by the caller, who has `role`. Returns the reply `busy` if the change exceeds the limit,
-- else nil. The HASH `changed` has "<start of the user's minute> <changes since that start>".
local function refuse_change(role)
  if role ~= 'visitor' and role ~= 'member' then return nil end
  local now = now_ms()
  local began_at, count = string.match(redis.call('HGET', CHANGED_KEY, caller) or '', '^(%d+) (%d+)$')
  began_at, count = tonumber(began_at or 0), tonumber(count or 0)
  -- A start in the future was written while the clock of Redis was ahead, so it is not valid.
  if began_at > now or began_at + MINUTE_MS <= now then
    began_at, count = now, 0
  end
  if count >= tonumber(change_limit) then return { 'busy', whole(began_at + MINUTE_MS - now) } end
  redis.call('HSET', CHANGED_KEY, caller, whole(began_at) .. ' ' .. whole(count + 1))
  return nil
end

-- Counts a change of the caller's reactions to the message at an offset. Returns the reply `reactions` if the
-- change exceeds the limit, else nil. The score in `reacted` is the offset plus count / 1024, such as 5.0019
-- for two changes at the offset 5. So all counts of a message lie in one range of scores, and log.lua can
-- remove them together with the message.
local function refuse_reaction(role, offset)
  if role ~= 'visitor' and role ~= 'member' then return nil end
  local member = whole(offset) .. '\n' .. caller
  local count =
    math.floor((tonumber(redis.call('ZSCORE', REACTED_KEY, member) or offset) - offset) * 1024 + 0.5)
  if count >= tonumber(reaction_limit) then return { 'reactions' } end
  redis.call('ZADD', REACTED_KEY, string.format('%.17g', offset + (count + 1) / 1024), member)
  return nil
end
