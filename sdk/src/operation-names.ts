/** The domains of the operations `N`: `leaderboard` for `leaderboard.submit`. */
export type DomainOf<N extends string> = N extends `${infer Domain}.${string}` ? Domain : never;

/** The methods of one domain: `submit` for `leaderboard.submit`. */
export type MethodOf<N extends string, Domain extends string> = N extends `${Domain}.${infer Method}`
  ? Method
  : never;
