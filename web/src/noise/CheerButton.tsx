import { useClient, useCounter } from "@grandstand/sdk/react";
import { useEffect, useId, useRef, useState } from "react";
import { formatNumber } from "../shell/number-format.js";
import { CheerIcon } from "./CheerIcon.js";
import type { Cheer } from "./cheers.js";
import { PlusOnes } from "./PlusOnes.js";

interface CheerButtonProps {
  cheer: Cheer;
  /** Called when the counter grew, no matter who added to it. */
  onRise: (by: number) => void;
  /** Called with a text when the counter reached a threshold. */
  onMilestone: (text: string) => void;
  /** Called with the result of each press: null if the press counted, otherwise the error. */
  onResult: (error: unknown) => void;
}

/** A button that adds to a counter and shows its live value. It shakes when the counter grows. */
export function CheerButton({ cheer, onRise, onMilestone, onResult }: CheerButtonProps) {
  const client = useClient();
  const { status, value, crossing } = useCounter(cheer.counter);
  const [presses, setPresses] = useState(0);
  const countId = useId();
  const button = useRef<HTMLButtonElement>(null);
  const shown = useRef<number | null>(null);

  useEffect(() => {
    if (status !== "live") return;
    const before = shown.current;
    shown.current = value;
    if (before === null || value <= before) return;
    onRise(value - before);
    shake(button.current);
  }, [status, value, onRise]);

  useEffect(() => {
    if (crossing) onMilestone(`${formatNumber(crossing.threshold)} ${cheer.name.toLowerCase()}!`);
  }, [crossing, cheer, onMilestone]);

  const press = () => {
    setPresses(presses + 1);
    client
      .counter(cheer.counter)
      .add()
      .then(() => onResult(null), onResult);
  };

  return (
    <button
      ref={button}
      type="button"
      className="cheer"
      data-status={status}
      aria-label={cheer.action}
      aria-describedby={countId}
      onClick={press}
    >
      {presses > 0 && <span key={presses} className="cheer-light" aria-hidden="true" />}
      <CheerIcon icon={cheer.icon} />
      <span id={countId} className="cheer-count">
        <span className="cheer-value figures">{status === "loading" ? "\u2013" : formatNumber(value)}</span>
        <span className="cheer-name">{cheer.name}</span>
      </span>
      <PlusOnes presses={presses} />
    </button>
  );
}

const SHAKE_MS = 260;

function shake(button: HTMLElement | null): void {
  if (!button || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const icon = button.querySelector(".cheer-icon");
  const turns = ["rotate(0)", "rotate(-9deg) scale(1.08)", "rotate(7deg) scale(1.05)", "rotate(0)"];
  icon?.animate(
    turns.map((transform) => ({ transform })),
    { duration: SHAKE_MS, easing: "ease-out" },
  );
}
