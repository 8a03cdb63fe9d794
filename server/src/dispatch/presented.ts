/** A token, and how it came. */
export interface Presented {
  token: string;
  /** False for a cookie, which a browser sends unasked, long after its session has ended. */
  isMeant: boolean;
}
