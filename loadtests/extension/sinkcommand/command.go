// Package sinkcommand adds "x smtp-sink" to k6: the sink as a process of its own.
package sinkcommand

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.k6.io/k6/v2/cmd/state"
	"go.k6.io/k6/v2/subcommand"

	"hipaa-check/loadtests/extension/sink"
)

// Name is the command's name behind "x".
const Name = "smtp-sink"

func init() {
	subcommand.RegisterExtension(Name, func(gs *state.GlobalState) *cobra.Command {
		return newCommand(gs.Stdin, gs.Stdout)
	})
}

// ready is the first line on standard output.
type ready struct {
	Ready bool `json:"ready"`
	sink.Place
	Control string `json:"control"`
}

// choices are the flags.
type choices struct {
	config, listen, control, report string
	stdin                           bool
}

func newCommand(stdin io.Reader, stdout io.Writer) *cobra.Command {
	var chosen choices
	command := &cobra.Command{
		Use:   Name,
		Short: "An SMTP server that takes, counts and times the messages of a load test, and misbehaves as planned",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return run(command.Context(), &chosen, stdin, stdout)
		},
	}
	flags := command.Flags()
	// This hides k6's own --config, which a sink has no use for.
	flags.StringVar(&chosen.config, "config", "", "JSON file with the sink's options")
	flags.StringVar(&chosen.listen, "listen", "", "host:port for SMTP; port 0 takes a free one (default 127.0.0.1:0)")
	flags.StringVar(&chosen.control, "control", "127.0.0.1:0", "host:port for control requests")
	flags.StringVar(&chosen.report, "report", "", "file for the report when the sink ends")
	flags.BoolVar(&chosen.stdin, "stdin", false, "end with the end of standard input")
	return command
}

func run(ctx context.Context, chosen *choices, stdin io.Reader, stdout io.Writer) error {
	options, err := readOptions(chosen)
	if err != nil {
		return err
	}
	// The report's file is opened first, so that a wrong path is told at once.
	var file *os.File
	if chosen.report != "" {
		if file, err = os.Create(chosen.report); err != nil {
			return fmt.Errorf("cannot write the report: %w", err)
		}
		defer func() { _ = file.Close() }()
	}
	server, err := sink.Start(options)
	if err != nil {
		return err
	}
	defer server.Stop()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	control, err := server.Control(chosen.control, stop)
	if err != nil {
		return err
	}
	if chosen.stdin {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			stop()
		}()
	}
	err = json.NewEncoder(stdout).Encode(ready{true, server.Place(), control})
	if err != nil {
		return err
	}
	<-ctx.Done()
	if file == nil {
		return nil
	}
	return errors.Join(json.NewEncoder(file).Encode(server.Report()), file.Close())
}

func readOptions(chosen *choices) (sink.Options, error) {
	var options sink.Options
	if chosen.config != "" {
		file, err := os.Open(chosen.config)
		if err != nil {
			return options, err
		}
		defer func() { _ = file.Close() }()
		if options, err = sink.ParseOptions(file); err != nil {
			return options, fmt.Errorf("%s: %w", chosen.config, err)
		}
	}
	if chosen.listen != "" {
		options.Listen = chosen.listen
	}
	return options, nil
}
