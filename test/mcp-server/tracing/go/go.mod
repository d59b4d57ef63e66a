// What spans in OTLP's protobuf say: OpenTelemetry's own types read them.
module mcp-server-operator/test/mcp-server/tracing

go 1.26.0

require (
	go.opentelemetry.io/proto/otlp v1.11.1
	google.golang.org/protobuf v1.36.12
)
