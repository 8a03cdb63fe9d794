/** The metrics of a node, as Prometheus would read them. */
export interface MetricsReading {
  text: string;
  /** The value of one series, whose labels may be any of those given; 0 without it. Several are added up. */
  value(name: string, labels?: Record<string, string>): number;
}

/** Reads the metrics at a URL. */
export async function readMetrics(
  url: string,
  headers: Record<string, string> = {},
): Promise<MetricsReading> {
  const response = await fetch(url, { headers });
  if (response.status !== 200) throw new Error(`the metrics answered with ${response.status}`);
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
