package smtpmodule

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"hipaa-check/loadtests/extension/measure"
	"hipaa-check/loadtests/extension/results"
	"hipaa-check/loadtests/extension/sink"
)

// remoteSink is a sink in another process, reached over its control address.
type remoteSink struct {
	base   string
	client *http.Client
}

var _ results.Source = (*remoteSink)(nil)

// Bounds on what a sink may answer.
const (
	controlTimeout = 10 * time.Second
	maxAnswer      = 64 * 1024 * 1024
)

func newRemoteSink(control string) (*remoteSink, error) {
	address, err := url.Parse(control)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return nil, fmt.Errorf("control %.80q is no http or https URL", control)
	}
	// Without a proxy: whatever the environment says, a sink is reached directly.
	return &remoteSink{base: strings.TrimSuffix(control, "/"), client: &http.Client{Transport: &http.Transport{}}}, nil
}

func (r *remoteSink) Name() string { return r.base }

func (r *remoteSink) do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if token := os.Getenv(sink.TokenVariable); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the sink cannot be reached: %w", errors.Unwrap(err))
	}
	if response.StatusCode != http.StatusOK {
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
		return nil, fmt.Errorf("the sink answers %s: %s", response.Status, strings.TrimSpace(string(text)))
	}
	return response, nil
}

func (r *remoteSink) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	response, err := r.do(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	return io.ReadAll(io.LimitReader(response.Body, maxAnswer))
}

func (r *remoteSink) get(ctx context.Context, path string) ([]byte, error) {
	return r.call(ctx, http.MethodGet, path, nil)
}

func (r *remoteSink) plan(ctx context.Context, plan []byte) error {
	_, err := r.call(ctx, http.MethodPut, "/plan", plan)
	return err
}

func (r *remoteSink) stop(ctx context.Context) error {
	_, err := r.call(ctx, http.MethodPost, "/stop", nil)
	return err
}

func (r *remoteSink) place(ctx context.Context) (*sink.Place, error) {
	var place sink.Place
	return &place, r.read(ctx, "/ready", &place)
}

func (r *remoteSink) read(ctx context.Context, path string, target any) error {
	text, err := r.get(ctx, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, target); err != nil {
		return fmt.Errorf("the sink's answer to %s is not understood: %w", path, err)
	}
	return nil
}

// Received asks how many recipients' copies have arrived.
func (r *remoteSink) Received(ctx context.Context, run string) (int, error) {
	var progress sink.Progress
	err := r.read(ctx, "/progress?run="+url.QueryEscape(run), &progress)
	return progress.Recipients, err
}

// clockReadings is how often the clock is read; the quickest answer counts.
const clockReadings = 10

// Clock measures how far the sink's clock is ahead.
func (r *remoteSink) Clock(ctx context.Context, clock *measure.Clock) (results.ClockOffset, error) {
	var best results.ClockOffset
	for reading := range clockReadings {
		var theirs sink.ClockReading
		before := time.Now()
		if err := r.read(ctx, "/clock", &theirs); err != nil {
			return best, err
		}
		round := time.Since(before)
		if reading == 0 || round/2 < best.Uncertainty {
			middle := clock.Steady(before.Add(round / 2))
			best = results.ClockOffset{Offset: time.UnixMicro(theirs.UnixMicro).Sub(middle), Uncertainty: round / 2, StepMs: theirs.StepMs}
		}
	}
	return best, nil
}

// Arrivals reads the receipts of a run.
func (r *remoteSink) Arrivals(
	ctx context.Context, run string, clock *measure.Clock, offset results.ClockOffset, visit func(results.Arrival),
) error {
	response, err := r.do(ctx, http.MethodGet, "/receipts?run="+url.QueryEscape(run), nil)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	if !lines.Scan() || lines.Text() != sink.ReceiptsHeader {
		return errors.New("the sink's receipts are not understood")
	}
	start := clock.Steady(clock.Start()).Add(offset.Offset)
	for lines.Scan() {
		numbers, err := readNumbers(lines.Text())
		if err != nil {
			return err
		}
		visit(results.Arrival{
			Sequence: uint64(numbers[0]), Recipients: int(numbers[1]), Duplicates: int(numbers[4]),
			Last: time.UnixMicro(numbers[3]).Sub(start),
		})
	}
	return lines.Err()
}

// readNumbers reads a line of receipts: sequence, recipients, first, last, duplicates.
func readNumbers(line string) (numbers [5]int64, err error) {
	fields := strings.Split(line, ",")
	if len(fields) != len(numbers) {
		return numbers, fmt.Errorf("the sink's receipt %.80q is not understood", line)
	}
	for index, field := range fields {
		if numbers[index], err = strconv.ParseInt(field, 10, 64); err != nil || numbers[index] < 0 {
			return numbers, fmt.Errorf("the sink's receipt %.80q is not understood", line)
		}
	}
	return numbers, nil
}
