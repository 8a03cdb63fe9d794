--- @include ./season.lua
--- @include ./field-rankings.lua
--- @args whereField whereValue
--- @reply where:
-- Chooses what a script reads: the season, or the ranking of one value of a field (`where_value` is its
-- JSON in a list).

-- Returns the season or the field's ranking, the board's order and the values of `more` fields; or nil and
-- the reply: a stale cache, or {"where"} when the board does not rank by the field.
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
