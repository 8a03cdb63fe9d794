--- @include ../../redis/lua/clock.lua
--- @keys apiKeys
--- @args id name scopes expiresAtMs mayReuseName maxKeys maker
--- @reply ok: createdAtMs
--- @reply ended:
--- @reply outlives: makerExpiresAtMs
--- @reply past:
--- @reply name:
--- @reply full:
-- Creates an API key, and deletes expired ones. `scopes` is JSON; `expires_at_ms` is "" for a key without
-- expiry; `maker` is the id of the key that makes the call, "" for a key in the settings. With
-- `may_reuse_name` "1", the name of an existing key is accepted.
-- Replies `ended` when the maker is gone, `outlives` when the key would outlive its maker, `past` when the
-- expiry is in the past, `name` when the name is taken, or `full` when there are `max_keys` keys.

local now = now_ms()
if maker ~= '' then
  local made_by = redis.call('HGET', API_KEYS_KEY, maker)
  if not made_by then return { 'ended' } end
  local last = cjson.decode(made_by).expiresAt
  if last and tonumber(last) <= now then return { 'ended' } end
  if last and (expires_at_ms == '' or tonumber(expires_at_ms) > tonumber(last)) then
    return { 'outlives', last }
  end
end
if expires_at_ms ~= '' and tonumber(expires_at_ms) <= now then return { 'past' } end

local count = 0
local all = redis.call('HGETALL', API_KEYS_KEY)
for at = 1, #all, 2 do
  local known = cjson.decode(all[at + 1])
  if known.expiresAt and tonumber(known.expiresAt) <= now then
    redis.call('HDEL', API_KEYS_KEY, all[at])
  else
    if known.name == name and may_reuse_name ~= '1' then return { 'name' } end
    count = count + 1
  end
end
if count >= tonumber(max_keys) then return { 'full' } end

local created = string.format('%.0f', now)
local record = '{"name":'
  .. cjson.encode(name)
  .. ',"scopes":'
  .. scopes
  .. ',"createdAt":"'
  .. created
  .. '"'
if expires_at_ms ~= '' then record = record .. ',"expiresAt":"' .. expires_at_ms .. '"' end
redis.call('HSET', API_KEYS_KEY, id, record .. '}')
return { 'ok', created }
