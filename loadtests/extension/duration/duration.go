// Package duration reads time spans as scripts and JSON write them.
package duration

import (
	"encoding/json"
	"fmt"
	"time"
)

// Span is a time span that is written as a number of milliseconds or as a text such as "2s".
type Span time.Duration

// UnmarshalJSON reads either form.
func (s *Span) UnmarshalJSON(text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	parsed, err := Parse(value)
	*s = Span(parsed)
	return err
}

// MarshalJSON writes the text form.
func (s Span) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).String()) }

// Parse reads a number of milliseconds or a text such as "2s". Negative ones are refused.
func Parse(value any) (time.Duration, error) {
	var span time.Duration
	switch value := value.(type) {
	case float64:
		span = time.Duration(value * float64(time.Millisecond))
	case int64:
		span = time.Duration(value) * time.Millisecond
	case string:
		var err error
		if span, err = time.ParseDuration(value); err != nil {
			return 0, fmt.Errorf(`%q is no duration such as "500ms" or "2s"`, value)
		}
	default:
		return 0, fmt.Errorf(`%v is no duration: a number of milliseconds, or a text such as "2s"`, value)
	}
	if span < 0 {
		return 0, fmt.Errorf("duration %s is negative", span)
	}
	return span, nil
}
