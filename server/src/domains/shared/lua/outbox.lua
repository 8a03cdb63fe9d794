--- @keys outbox
--- @args wantedEvents eventSeed
-- Queues events for webhooks in the same step as the change that they report. The outbox is a LIST that
-- shares the hash tag of its board, room, counter or user; a node moves its entries to the webhooks' queues.
-- `wanted_events` are the names of the events that webhooks want, separated by spaces; "" for none. An entry
-- is a JSON array of strings: [event, id, time in ms, ...]. The id is `event_seed`, "-" and the number of the
-- event within the script. For a traced call, `event_seed` begins with the call's `traceparent` and a space.

-- Two days. Nodes move entries within seconds, so an entry expires only if no node runs for so long.
local OUTBOX_TTL_MS = 172800000

local queued_events = 0

local function wants(event)
  return wanted_events ~= '' and string.find(' ' .. wanted_events .. ' ', ' ' .. event .. ' ', 1, true)
end

-- Queues an event if a webhook wants it. The values in `...` are strings, which follow the time in the entry.
local function queue_event(event, now, ...)
  if not wants(event) then return end
  queued_events = queued_events + 1
  local id = event_seed .. '-' .. string.format('%.0f', queued_events)
  redis.call('RPUSH', OUTBOX_KEY, cjson.encode({ event, id, string.format('%.0f', now), ... }))
  if queued_events == 1 then redis.call('PEXPIRE', OUTBOX_KEY, OUTBOX_TTL_MS) end
end
