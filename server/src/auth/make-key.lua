--- @include ../redis/clock.lua
-- Makes an API key, and forgets those that ended.
-- KEYS  1 HASH of API keys
-- ARGV  1 id  2 name  3 scopes as JSON  4 end in ms, or ""  5 "1" if a name may be used again  6 how many there may be
--       7 id of the key that makes it, or "" when that is not stored here
-- Returns {"ok", now in ms}, or {"ended"} when the key that makes it is gone, {"past"}, {"outlives", its end in ms}, {"name"},
-- {"full"}.

local now = now_ms()
local ends = ARGV[4]
if ARGV[7] ~= '' then
  local maker = redis.call('HGET', KEYS[1], ARGV[7])
  if not maker then return { 'ended' } end
  local last = cjson.decode(maker).expiresAt
  if last and tonumber(last) <= now then return { 'ended' } end
  if last and (ends == '' or tonumber(ends) > tonumber(last)) then return { 'outlives', last } end
end
if ends ~= '' and tonumber(ends) <= now then return { 'past' } end

local count = 0
local all = redis.call('HGETALL', KEYS[1])
for at = 1, #all, 2 do
  local known = cjson.decode(all[at + 1])
  if known.expiresAt and tonumber(known.expiresAt) <= now then
    redis.call('HDEL', KEYS[1], all[at])
  else
    if known.name == ARGV[2] and ARGV[5] ~= '1' then return { 'name' } end
    count = count + 1
  end
end
if count >= tonumber(ARGV[6]) then return { 'full' } end

local created = string.format('%.0f', now)
local record = '{"name":' .. cjson.encode(ARGV[2]) .. ',"scopes":' .. ARGV[3] .. ',"createdAt":"' .. created .. '"'
if ends ~= '' then record = record .. ',"expiresAt":"' .. ends .. '"' end
redis.call('HSET', KEYS[1], ARGV[1], record .. '}')
return { 'ok', created }
