/** The rooms of the demo, each with its first messages. */
export const demoRooms = [
  {
    room: "terrace",
    messages: [
      ["Maya", "Eighteen thousand on the arcade board. Who dares?"],
      ["Łukasz", "Give me until tonight. The streak is everything."],
      ["Ines", "Left hand on Q W E, right hand on the rest. You're welcome."],
      ["Kwame", "The drums are losing to the claps. This can't stand."],
    ],
  },
];
