// hipaa-check-k6 is k6 with SMTP: the module k6/x/smtp and the command "x smtp-sink".
package main

import (
	"io"
	"os"

	k6cmd "go.k6.io/k6/v2/cmd"

	"hipaa-check/loadtests/extension/collector"
	_ "hipaa-check/loadtests/extension/sinkcommand"
	_ "hipaa-check/loadtests/extension/smtpmodule"
)

// quiet keeps k6 from telling its maker's servers anything and from asking them for extensions.
var quiet = map[string]string{"K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false"}

// endsWithInput is the variable by which a starter says that it holds the other end of standard input: a load must not outlive
// whoever watches over it, however that one ended.
const endsWithInput = "SMTP_ENDS_WITH_STDIN"

// exitAborted is what k6 ends with when it is stopped from outside.
const exitAborted = 105

func endWithInput() {
	if os.Getenv(endsWithInput) == "" {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(exitAborted)
	}()
}

func main() {
	for name, value := range quiet {
		if _, isSet := os.LookupEnv(name); !isSet {
			_ = os.Setenv(name, value)
		}
	}
	endWithInput()
	collector.Pace()
	k6cmd.Execute()
}
