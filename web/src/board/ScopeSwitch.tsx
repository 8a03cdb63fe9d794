import type { Scope } from "./useSelection.js";
import "./scope-switch.css";

const scopes = [
  { scope: "best", name: "Top ten" },
  { scope: "around", name: "Around me" },
  { scope: "friends", name: "Friends" },
] as const;

interface ScopeSwitchProps {
  chosen: Scope;
  onChoose: (scope: Scope) => void;
}

/** Chooses whom the board shows. */
export function ScopeSwitch({ chosen, onChoose }: ScopeSwitchProps) {
  return (
    <div className="scope-switch">
      {scopes.map(({ scope, name }) => (
        <button key={scope} type="button" aria-pressed={scope === chosen} onClick={() => onChoose(scope)}>
          {name}
        </button>
      ))}
    </div>
  );
}
