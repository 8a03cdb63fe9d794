# One Grandstand node. It needs REDIS_URL and GRANDSTAND_API_KEYS. The image contains no Redis.
#
#   docker build -t grandstand .
#   docker run -p 8080:8080 -e REDIS_URL=redis://... -e GRANDSTAND_API_KEYS=name:secret \
#     -e GRANDSTAND_TOKEN_SECRET=<32 bytes or more> grandstand

ARG NODE_IMAGE=node:24-bookworm-slim

# Only the manifests, so that a change of the source leaves the npm installations below cached.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY shared/package.json shared/
COPY sdk/package.json sdk/
COPY server/package.json server/
COPY web/package.json web/
COPY e2e/package.json e2e/
COPY bench/package.json bench/

FROM manifests AS deps
RUN npm ci --no-audit --no-fund

FROM deps AS build
COPY . .
RUN npm run build

FROM manifests AS production
RUN npm ci --omit=dev --workspace=server --workspace=shared --no-audit --no-fund

FROM ${NODE_IMAGE} AS runtime
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 GRANDSTAND_WEB=/app/web/dist
# Whole folders, because npm may also install packages into a workspace's own node_modules.
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules node_modules
COPY --from=production /app/shared shared
COPY --from=production /app/server server
COPY --from=build /app/shared/dist shared/dist
COPY --from=build /app/server/bin server/bin
COPY --from=build /app/server/dist server/dist
COPY --from=build /app/web/dist web/dist
# The files belong to root, so the server cannot change them. It writes no files.
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
# Checks liveness, not readiness: a restart of the node does not repair an unreachable Redis.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/dist/main.js"]
