package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseOptions reads options from JSON. Unknown keys are refused.
func ParseOptions(source io.Reader) (Options, error) {
	var options Options
	err := decodeStrictly(source, &options)
	return options, err
}

// ParsePlan reads limits and faults from JSON. Unknown keys are refused.
func ParsePlan(source io.Reader) (Plan, error) {
	var plan Plan
	err := decodeStrictly(source, &plan)
	return plan, err
}

// decodeStrictly reads one JSON value and nothing else.
func decodeStrictly(source io.Reader, target any) error {
	decoder := json.NewDecoder(source)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return fmt.Errorf("%s is a %s, which it cannot be", kind.Field, kind.Value)
		}
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the JSON value")
	}
	return nil
}
