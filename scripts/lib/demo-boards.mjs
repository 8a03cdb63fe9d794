/**
 * Scores of the demo's game for players who need 0.6 to 1.1 seconds to hit a lit seat (a button of the game).
 * A practised visitor can beat all these scores.
 */
const arcade = [
  ["Maya", 18_981, "IN"],
  ["Łukasz", 16_664, "PL"],
  ["Zoë", 14_535, "NL"],
  ["Kwame", 12_479, "GH"],
  ["Ines", 11_839, "PT"],
  ["Haruto", 11_305, "JP"],
  ["Freya", 10_438, "DK"],
  ["Mateo", 10_107, "AR"],
  ["Amara", 9_606, "NG"],
  ["Elif", 8_699, "TR"],
  ["Jonas", 7_815, "DE"],
  ["Noor", 7_745, "JO"],
  ["Liam", 7_636, "IE"],
  ["Chloé", 7_565, "FR"],
  ["Minh", 7_264, "VN"],
  ["Sofia", 6_366, "GR"],
  ["Diego", 5_867, "MX"],
  ["Hana", 5_258, "CZ"],
  ["Aroha", 4_179, "NZ"],
  ["Ravi", 3_917, "LK"],
  ["Camila", 3_126, "CL"],
  ["Oskar", 2_367, "SE"],
  ["Tomás", 2_350, "ES"],
  ["Yuna", 2_009, "KR"],
];

/** Seconds for one run. */
const speedrun = [
  ["Ingrid", 71.204, "NO"],
  ["Thabo", 71.968, "ZA"],
  ["Mei", 73.011, "TW"],
  ["Rafael", 73.45, "BR"],
  ["Aino", 74.387, "FI"],
  ["Kofi", 75.092, "GH"],
  ["Lucía", 75.64, "ES"],
  ["Emre", 76.873, "TR"],
  ["Niamh", 77.215, "IE"],
  ["Goran", 78.559, "HR"],
  ["Saki", 79.03, "JP"],
  ["Bastien", 79.947, "BE"],
  ["Leila", 81.326, "MA"],
  ["Viktor", 82.108, "BG"],
  ["Ana", 83.774, "RO"],
  ["Hugo", 84.69, "FR"],
  ["Farah", 86.412, "MY"],
  ["Owen", 88.005, "GB"],
  ["Paula", 89.731, "DE"],
  ["Tariq", 92.86, "EG"],
  ["Signe", 95.244, "DK"],
  ["Marco", 99.517, "IT"],
  ["Juno", 104.38, "US"],
  ["Pavel", 112.902, "CZ"],
];

/**
 * The boards of the demo, each with its rules and its first entries by window. Shorter windows have fewer
 * players, with lower scores.
 */
export const demoBoards = [
  {
    board: "arcade",
    rules: {
      order: "desc",
      operator: "best",
      submit: "member",
      min: 0,
      // About the score of 33 hits in a row, 0.3 s each, in a round of ten seconds. It is `scoreMax` in
      // web/src/game/rules.ts. The server checks the maximum too, because a script can submit a score without a round.
      max: 60_000,
      minIntervalMs: 10_000,
      windows: ["all", "weekly", "daily"],
      retainSeasons: 8,
    },
    entries: {
      all: arcade.map(entry),
      weekly: arcade
        .filter((_player, place) => place % 3 > 0)
        .map(entry)
        .map(worse(0.83)),
      daily: arcade
        .filter((_player, place) => place % 3 === 1)
        .map(entry)
        .map(worse(0.64)),
    },
  },
  {
    board: "speedrun",
    rules: { order: "asc", operator: "best", submit: "server" },
    entries: { all: speedrun.map(entry) },
  },
];

function entry([member, score, country]) {
  return { member, score, metadata: { country } };
}

function worse(share) {
  return ({ score, ...rest }) => ({ ...rest, score: Math.round(score * share) });
}
