/** The first part of each name, such as `leaderboard` of `leaderboard.submit`. */
export type DomainOf<N extends string> = N extends `${infer Domain}.${string}` ? Domain : never;

/** The second part of the names of one domain. */
export type MethodOf<N extends string, Domain extends string> = N extends `${Domain}.${infer Method}`
  ? Method
  : never;
