--- @include ./publish-changes.lua
--- @args changes[]: kind user granted known newState newProfile
--- @reply ok: epoch atMs accessVersion dueInMs isCreated results...
-- Applies the membership reports of one node about users in a room. Kinds:
--   "held"  at least one connection of the user to the node is in the room. `known` is the record of the
--           presence session in the node's memory; "" for none. It lacks the holders (the nodes that have
--           connections of the user). `new_state` and `new_profile` are JSON: "null" clears a value, ""
--           leaves it as it is.
--   "lost"  the last such connection closed. A user without a connection to any node stays a member for the
--           grace (GRACE_MS).
--   "left"  the user left the room on this node. No grace begins.
-- `isCreated` is "1" when this run begins an epoch: the room had no presence before, had been empty for an
-- hour, or its data was lost. The result of a report is the member as JSON, "" for a user who is lost or
-- left, or "forbidden".

local room = read_presence()

-- Ends this node's hold on a user, if there is one. Then removes the user, unless another node holds the user
-- too: the user's credentials at that node may give access. If this node did not hold the user, it does not
-- remove the user. Other nodes check the members that they hold, and evict.lua checks members without a
-- connection.
local function refuse(user)
  local record = read_record(user)
  if end_hold(user, record) and record then
    if has_holder(record) then
      write_record(user, record)
    else
      remove_member(room, user)
    end
  end
  return 'forbidden'
end

-- Merges a node's record of a presence session into the one in Redis: the earlier beginning and the later
-- state and profile win. Returns whether that changed the record.
local function merge(record, known)
  local is_changed = false
  if tonumber(known[1]) < tonumber(record[1]) then
    record[1], is_changed = known[1], true
  end
  if tonumber(known[2]) > tonumber(record[2]) then
    record[2], record[3], record[4], is_changed = known[2], known[3], known[4], true
  end
  return is_changed
end

local function report_held(report)
  local user = report.user
  if not role_granted(report.granted, room, user, room.now) then return refuse(user) end
  local record = read_record(user)
  local known = report.known ~= '' and cjson.decode(report.known)
  local was_present = is_present(user, record)
  local is_changed = false
  if not was_present then
    record = known or { whole(room.now), whole(room.now), '', '' }
  elseif known then
    is_changed = merge(record, known)
  end
  if update_record(room, record, report.new_state, report.new_profile) then is_changed = true end
  if not was_present then
    join(room, user, record)
  elseif is_changed then
    add_change(room, 'u', user, record)
  end
  redis.call('ZREM', GRACE_KEY, user)
  hold(user, record)
  write_record(user, record)
  return encode_member(user, record)
end

local results = {}
for number = 1, changes_count do
  local report = changes_at(number)
  if report.kind == 'held' then
    results[number] = report_held(report)
  else
    release(room, report.user, report.kind == 'left' and 0 or room.now + GRACE_MS)
    results[number] = ''
  end
end
publish_changes(room)
local is_created = room.is_created and '1' or '0'
return {
  'ok',
  room.epoch or '',
  whole(room.now),
  room.access_version,
  due_in_ms(room),
  is_created,
  unpack(results),
}
