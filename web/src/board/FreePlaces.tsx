import "./free-places.css";

interface FreePlacesProps {
  taken: number;
  /** Whether each row shows its rank. */
  isNumbered: boolean;
  isLoading: boolean;
}

const places = 10;

/** Empty rows for the places without an entry. They give the board its full height from the start. */
export function FreePlaces({ taken, isNumbered, isLoading }: FreePlacesProps) {
  const free = Array.from({ length: Math.max(0, places - taken) }, (_, index) => taken + index + 1);
  return (
    <>
      {isLoading && (
        <p className="visually-hidden" role="status">
          Reading the board
        </p>
      )}
      <div className="free-places" data-loading={isLoading} aria-hidden="true">
        {free.map((rank) => (
          <div key={rank} className="free-place">
            <span className="row-rank figures">{isNumbered && rank}</span>
            <span className="free-scarf" />
            <span className="free-name" />
          </div>
        ))}
      </div>
    </>
  );
}
