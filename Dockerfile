# The image holds one static program and the certificates it checks servers with: no shell, no root.
#
#   docker build -t openrelay .
#   docker run --rm --network host openrelay scan mail.example.org
ARG GO_IMAGE=golang:1.26-bookworm

FROM ${GO_IMAGE} AS build
ARG VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY internal internal
COPY probe probe
COPY report report
COPY scanner scanner
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.release=${VERSION}" -o /openrelay ./cmd/openrelay

FROM scratch
ARG VERSION=devel
LABEL org.opencontainers.image.title="openrelay" \
      org.opencontainers.image.description="Tells whether a stranger would be able to send mail through a server" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /openrelay /openrelay
USER 65532:65532
ENTRYPOINT ["/openrelay"]
