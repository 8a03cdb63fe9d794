--- @include ./season.lua
--- @include ./field-rankings.lua
--- @args whereField whereValue
--- @reply where:
-- Chooses the ranking that a script reads: the season's ranking, or if `where_field` is given, the ranking of
-- one value of that metadata field. `where_value` is the JSON of a list with the value, such as ["gold"].

-- Returns the chosen ranking, the board's order, and the fields of the HASH `meta` that `more` names. The
-- ranking is a Lua table with the names of its Redis keys, such as `ranking` and `records`.
-- On failure returns nil and the reply that the script must send: the reply of check_cache() (season.lua), or
-- {"where"} if the board does not rank by the field or value.
local function read_window(now, more)
  local season, names = windows_at(1), { 'order', 'fields' }
  for number, name in ipairs(more or {}) do
    names[2 + number] = name
  end
  local board = { check_cache({ season }, now, names) }
  if board[1] then return nil, board[1] end
  if where_field ~= '' then
    if not string.find(board[3] or '', '"' .. where_field .. '"', 1, true) then
      return nil, { 'where' }
    end
    local value = value_text(cjson.decode(where_value)[1])
    if not value then return nil, { 'where' } end
    season = field_ranking(season, where_field .. ':' .. value)
    season.field = where_field
  end
  return season, board[2], unpack(board, 4, 3 + #(more or {}))
end
