import { type ErrorCode, GrandstandError } from "@grandstand/shared/errors";

/** Returns a function that resolves to a call's result, or to null if the call fails with one of the codes. */
export function nullOn(...codes: ErrorCode[]) {
  return async <T>(call: Promise<T>): Promise<T | null> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof GrandstandError && codes.includes(error.code)) return null;
      throw error;
    }
  };
}
