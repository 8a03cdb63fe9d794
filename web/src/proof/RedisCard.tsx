interface RedisCardProps {
  isPaused: boolean;
  isBusy: boolean;
  onPause: () => void;
}

/** The private Redis of the demo. */
export function RedisCard({ isPaused, isBusy, onPause }: RedisCardProps) {
  return (
    <li className="proof-card" data-paused={isPaused}>
      <p className="proof-card-name">
        Redis
        {isPaused && <span className="proof-tag">paused</span>}
      </p>
      <p className="proof-card-note">keeps what all nodes know</p>
      <p className="proof-people" />
      <button type="button" className="danger-button" disabled={isBusy} onClick={onPause}>
        Pause for 3 s
      </button>
    </li>
  );
}
