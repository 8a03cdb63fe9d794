import { GrandstandProvider } from "@grandstand/sdk/react";
import { useCallback, useEffect, useState } from "react";
import { accessToken, type Operator, readOperator, signOut } from "./api/sign-in.js";
import { asError } from "./api/useRead.js";
import { Pages } from "./pages/Pages.js";
import { Shell } from "./shell/Shell.js";
import { SignIn } from "./shell/SignIn.js";
import { Announcer } from "./ui/Announcer.js";

type State =
  | { is: "asking" }
  | { is: "signedOut"; reason: string | null }
  | { is: "signedIn"; operator: Operator };

/** The console: the sign-in form, or the pages for a signed-in operator. */
export function Console() {
  const [state, setState] = useState<State>({ is: "asking" });

  const ask = useCallback(() => {
    readOperator().then(
      (operator) =>
        setState(operator === null ? { is: "signedOut", reason: null } : { is: "signedIn", operator }),
      (error: unknown) => setState({ is: "signedOut", reason: asError(error).message }),
    );
  }, []);
  useEffect(ask, [ask]);

  const leave = useCallback(async () => {
    await signOut().catch(() => {});
    setState({ is: "signedOut", reason: null });
  }, []);

  if (state.is === "asking") return <div className="asking" role="status" aria-label="Loading" />;
  if (state.is === "signedOut") {
    return <SignIn reason={state.reason} onSignedIn={(operator) => setState({ is: "signedIn", operator })} />;
  }
  return (
    <GrandstandProvider
      token={accessToken}
      onError={(error) => {
        if (error.code === "unauthenticated") {
          setState({ is: "signedOut", reason: "Your sign-in ended. Sign in again to continue." });
        }
      }}
    >
      <Announcer>
        <Shell operator={state.operator} onLeave={leave}>
          <Pages operator={state.operator} />
        </Shell>
      </Announcer>
    </GrandstandProvider>
  );
}
