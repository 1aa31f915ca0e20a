# docker build -t interlude .    podman build --format docker -t interlude .
# (podman's own format has no HEALTHCHECK and drops the one below.)
# Stop it with time to finish what runs, which takes up to 15 seconds; docker and podman kill after 10:
# docker run --stop-timeout 20 …, or stop_grace_period: 20s in a compose file.
# Two steps: the program is built with Rust, and put alone into a small Debian that has no shell user,
# no package manager's lists and no compiler.
FROM docker.io/library/rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make perl pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --features postgres-tls --bin interlude

FROM docker.io/library/debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin interlude \
    && install -d -m 0700 -o interlude -g interlude /data
COPY --from=build /src/target/dist/interlude /usr/local/bin/interlude
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/interlude/
USER 10001:10001
VOLUME /data
ENV INTERLUDE_DATA_DIR=/data INTERLUDE_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 CMD ["interlude", "health"]
ENTRYPOINT ["interlude"]
CMD ["serve"]
