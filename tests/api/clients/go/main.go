// A driver of the AWS SDK for Go 2: makes the calls that it reads and tells what came of them.
//
// Each line of standard input is {"service", "operation", "input"}; the answer to it is a line of standard output:
// {"output"}, {"code", "message"} of the error that the service gave, {"absent": true} when the SDK has no such
// operation, or {"fault"} when the SDK could not make the call or read its answer.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const lineBytesMax = 16 << 20

type call struct {
	Service   string          `json:"service"`
	Operation string          `json:"operation"`
	Input     json.RawMessage `json:"input"`
}

type answer struct {
	Output  any    `json:"output,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Absent  bool   `json:"absent,omitempty"`
	Fault   string `json:"fault,omitempty"`
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
}

func clients() map[string]any {
	config := aws.Config{
		Region:       os.Getenv("AWS_DEFAULT_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials:  aws.CredentialsProviderFunc(credentials),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
	return map[string]any{
		"cloudtrail": cloudtrail.NewFromConfig(config),
		"sts":        sts.NewFromConfig(config),
	}
}

// The methods of a client are its operations: func(context, *Input, ...func(*Options)) (*Output, error).
func makeCall(client any, wanted call) answer {
	method := reflect.ValueOf(client).MethodByName(wanted.Operation)
	if !method.IsValid() {
		return answer{Absent: true}
	}
	input := reflect.New(method.Type().In(1).Elem())
	if err := json.Unmarshal(wanted.Input, input.Interface()); err != nil {
		return answer{Fault: err.Error()}
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	err, failed := results[1].Interface().(error)
	var told smithy.APIError
	switch {
	case errors.As(err, &told):
		return answer{Code: told.ErrorCode(), Message: told.ErrorMessage()}
	case failed:
		return answer{Fault: err.Error()}
	}
	return answer{Output: results[0].Interface()}
}

func main() {
	all := clients()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, lineBytesMax)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var wanted call
		got := answer{}
		if err := json.Unmarshal(lines.Bytes(), &wanted); err != nil {
			got.Fault = err.Error()
		} else if client, known := all[wanted.Service]; known {
			got = makeCall(client, wanted)
		} else {
			got.Fault = fmt.Sprintf("no client for %q", wanted.Service)
		}
		if err := out.Encode(got); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
