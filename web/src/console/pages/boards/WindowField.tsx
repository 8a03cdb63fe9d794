interface WindowFieldProps {
  windows: readonly string[];
  window: string;
  onChange: (window: string) => void;
  className?: string;
}

/** Chooses a window of a board. Shows nothing for a board with a single window. */
export function WindowField({ windows, window, onChange, className = "" }: WindowFieldProps) {
  if (windows.length < 2) return null;
  return (
    <label className={`bar-field ${className}`.trim()}>
      Window
      <select value={window} onChange={({ target }) => onChange(target.value)}>
        {windows.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
