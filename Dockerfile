# The images of the operator, the Kubernetes MCP server and the stdio bridge, one target each.
# `npm run images` packs the same files without Docker; a test keeps both equal (images/programs.ts, images/portable/links.ts).
# Tags may move: `npm run images:pin`, a step of a release, writes behind them the digests they have (docs/images.md).
ARG BUILD_IMAGE=docker.io/library/node:24.21.0-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY charts charts/
COPY images images/
COPY imports imports/
COPY kubernetes kubernetes/
COPY mcp-server mcp-server/
COPY monitoring monitoring/
COPY reconciler reconciler/
RUN npm run bundle

FROM ${BASE_IMAGE} AS base

FROM ${BASE_IMAGE} AS operator
COPY --from=build /src/build/bundle/operator.* /src/build/bundle/operator-* /app/
COPY --from=build /src/build/bundle/packages/operator /app/packages/operator/
WORKDIR /app
USER 65532:65532
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
LABEL org.opencontainers.image.title="mcp-server-operator" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--heap-growing-percent=10", "--no-maglev", "/app/operator.mjs"]
CMD ["run"]

FROM ${BASE_IMAGE} AS kubernetes-mcp-server
COPY --from=build /src/build/bundle/kubernetes-mcp-server.* /src/build/bundle/kubernetes-mcp-server-* /app/
COPY --from=build /src/build/bundle/packages/kubernetes-mcp-server /app/packages/kubernetes-mcp-server/
WORKDIR /app
USER 65532:65532
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
EXPOSE 3001
STOPSIGNAL SIGTERM
LABEL org.opencontainers.image.title="Kubernetes MCP server" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--no-maglev", "/app/kubernetes-mcp-server.mjs"]
CMD []

FROM ${BUILD_IMAGE} AS stdio-bridge-links
WORKDIR /src
COPY --from=build /src/package.json ./
COPY --from=build /src/images images/
COPY --from=base / /base/
RUN node images/portable/main.ts /base /links

FROM ${BASE_IMAGE} AS stdio-bridge
COPY --from=build /src/build/bundle/stdio-bridge.* /src/build/bundle/stdio-bridge-* /app/
COPY --from=stdio-bridge-links /links/ /
WORKDIR /app
USER 65532:65532
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
LABEL org.opencontainers.image.title="MCP stdio bridge" \
      org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["/lib/ld.so", "--library-path", "/lib", "/node", "--max-semi-space-size=1", "--optimize-for-size", "/stdio-bridge.mjs"]
CMD ["--help"]
