/** The metrics of a node, as Prometheus would read them. */
export interface MetricsReading {
  text: string;
  /** The sum of all series of a metric that have the given labels; 0 if there is none. */
  value(name: string, labels?: Record<string, string>): number;
}

/** Reads the metrics at a URL. */
export async function readMetrics(
  url: string,
  headers: Record<string, string> = {},
): Promise<MetricsReading> {
  const response = await fetch(url, { headers });
  if (response.status !== 200) throw new Error(`${url} responded with the status ${response.status}`);
  const text = await response.text();
  const series = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = "", value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]),
    ),
    value: Number(value),
  }));
  return {
    text,
    value: (name, wanted = {}) =>
      series
        .filter((one) => one.name === name)
        .filter(({ labels }) => Object.entries(wanted).every(([label, text]) => labels[label] === text))
        .reduce((sum, { value }) => sum + value, 0),
  };
}
