import "./countdown.css";

export function Countdown({ beat }: { beat: number }) {
  return (
    <div className="countdown" role="status">
      <span className="visually-hidden">Starts in </span>
      {/* A new key restarts the animation. */}
      <span key={beat} className="countdown-beat">
        {beat}
      </span>
    </div>
  );
}
