--- @include ./where.lua
--- @include ./rows.lua
--- @args top afterClosing
--- @args members[]
--- @reply ok: order epoch offset total nowMs rows closings entries...
-- Reads what subscribers of a window see. `rows` is the top of the window's open season (rows.lua).
-- `closings` are the seasons that were closed after the offset `after_closing`: ids alternating with values
-- of the HASH of seasons (season-record.lua). `entries` has for each id in `members` {rank from 1, the
-- entry's ZSET member, its ZSET score, record}, or {} for a member without an entry. Hidden
-- entries are included: members may see their own.

local now = now_ms()
local season, order, epoch, offset, closing = read_window(now, { 'epoch', 'offset', 'closing' })
if not season then return order end

local closings = {}
if tonumber(closing) > tonumber(after_closing) then
  local all = redis.call('HGETALL', SEASONS_KEY)
  for at = 1, #all, 2 do
    local window, name = string.match(all[at], '^(%S+) (%S+)$')
    local closing_of = tonumber(string.match(all[at + 1], '^%S+ %S+ %S+ (%d+)'))
    if window == season.name and closing_of and closing_of > tonumber(after_closing) then
      closings[#closings + 1] = name
      closings[#closings + 1] = all[at + 1]
    end
  end
end

local total = tostring(redis.call('ZCARD', season.ranking))
local top_rows = rows(order, season, 0, top - 1)
local reply = { 'ok', order, epoch, offset, total, string.format('%.0f', now), top_rows, closings }
for number = 1, members_count do
  local rank, zset_score, zset_member, record = find(order, season, members_at(number))
  reply[#reply + 1] = rank and { tostring(rank + 1), zset_member, zset_score, record } or {}
end
return reply
