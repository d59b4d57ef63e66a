// Reads spans in OTLP's protobuf from standard input, by OpenTelemetry's own types, and writes them as JSON.
package main

import (
	"io"
	"log"
	"os"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func main() {
	bytes, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	// A request to export traces has on the wire the form of TracesData, which comes without gRPC.
	data := &trace.TracesData{}
	if err := (proto.UnmarshalOptions{}).Unmarshal(bytes, data); err != nil {
		log.Fatal(err)
	}
	if len(data.ProtoReflect().GetUnknown()) > 0 {
		log.Fatal("fields that the protocol does not have")
	}
	text, err := protojson.Marshal(data)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(text); err != nil {
		log.Fatal(err)
	}
}
