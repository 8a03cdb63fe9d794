import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig, settingNames } from "../src/config/config.js";

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

describe("docker-compose.yml", () => {
  const { services } = parse(read("docker-compose.yml"), { merge: true });
  const nodes = ["grandstand1", "grandstand2", "grandstand3"];

  it("passes every setting to each node, except for the settings that the image fixes", () => {
    const fixed = ["NODE_ENV", "PORT", "HOST", "GRANDSTAND_DATA_DIR", "GRANDSTAND_WEB"];
    for (const node of nodes) {
      const passed = Object.keys(services[node].environment);
      expect(passed.toSorted()).toEqual(settingNames.filter((name) => !fixed.includes(name)).toSorted());
    }
  });

  it("names the exact version of each image that it does not build", () => {
    const images = Object.values<{ build?: string; image: string }>(services).filter(({ build }) => !build);
    expect(images.length).toBeGreaterThan(0);
    for (const { image } of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it("checks that the process of a node lives, not that the node is ready", () => {
    for (const node of nodes) expect(String(services[node].healthcheck.test)).toContain("/health/live");
  });

  it("bounds the memory of every service", () => {
    for (const service of Object.values<{ mem_limit?: string }>(services))
      expect(service.mem_limit).toBeDefined();
    expect(services.redis.command).toContain("--maxmemory");
  });

  it("gives a node more time to stop than the node needs", () => {
    const { drainDelayMs } = readConfig({
      NODE_ENV: "production",
      GRANDSTAND_API_KEYS: "a:9c41f0d7b25e83aa",
      GRANDSTAND_TOKEN_SECRET: "a secret of 32 bytes or somewhat more",
    });
    for (const node of nodes)
      expect(1_000 * Number.parseInt(services[node].stop_grace_period, 10)).toBeGreaterThan(
        drainDelayMs + 10_000,
      );
  });
});

describe("the manifests for Kubernetes", () => {
  const manifests = parseAllDocuments(read("deploy/kubernetes/grandstand.yaml")).map((one) => one.toJS());
  const ofKind = (kind: string) => manifests.find((one) => one.kind === kind);
  const pod = ofKind("Deployment").spec.template.spec;

  it("name settings that exist, with valid values", () => {
    const { data } = ofKind("ConfigMap");
    expect(() => readConfig(data)).not.toThrow();
    expect(Object.keys(data).filter((name) => !settingNames.includes(name))).toEqual([]);
  });

  it("route clients by readiness, restart by liveness, and give a starting node the time to wait for Redis", () => {
    const [{ startupProbe, livenessProbe, readinessProbe }] = pod.containers;
    expect(readinessProbe.httpGet.path).toBe("/health/ready");
    expect(livenessProbe.httpGet.path).toBe("/health/live");
    const startSeconds = startupProbe.periodSeconds * startupProbe.failureThreshold;
    expect(1_000 * startSeconds).toBeGreaterThan(readConfig({}).redisWaitMs);
  });

  it("give a pod more time to stop than the pod needs", () => {
    const [{ lifecycle }] = pod.containers;
    const { drainDelayMs } = readConfig(ofKind("ConfigMap").data);
    const seconds = lifecycle.preStop.sleep.seconds + drainDelayMs / 1_000 + 10;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(seconds);
  });

  it("select the pods of the deployment", () => {
    const { labels } = ofKind("Deployment").spec.template.metadata;
    expect(ofKind("Deployment").spec.selector.matchLabels).toEqual(labels);
    expect(ofKind("PodDisruptionBudget").spec.selector.matchLabels).toEqual(labels);
    expect(ofKind("Service").spec.selector).toEqual(labels);
  });
});
