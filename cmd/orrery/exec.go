package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/api"
)

func (m Main) execCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "exec [scenario.yaml] -- COMMAND...",
		Short: "Run a command beside a live cluster of its own",
		Args: func(cmd *cobra.Command, args []string) error {
			switch dash := cmd.ArgsLenAtDash(); {
			case dash < 0 || dash == len(args):
				return usageError{fmt.Errorf("orrery exec: found no command; expected one behind --\n  orrery exec -- go test ./...")}
			case dash > 1:
				return usageError{fmt.Errorf("orrery exec: found %d arguments before --; expected a scenario file, or nothing", dash)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dash := cmd.ArgsLenAtDash()
			return m.exec(cmd, append(args[:dash:dash], defaultWorld)[0], args[dash:], &o)
		},
	}
	o.flags(cmd, "127.0.0.1:0")
	return cmd
}

// exitError passes a command's exit code on.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exec serves a world for as long as a command runs; its exit code becomes ours.
func (m Main) exec(cmd *cobra.Command, file string, command []string, o *serveOptions) error {
	if o.print {
		return m.printScenario(cmd, file, o)
	}
	s, err := m.start(o.plans(cmd, file), o)
	if err != nil {
		return err
	}
	defer s.stop()
	if o.portFile != "" {
		if err := writePort(o.portFile, s.port()); err != nil {
			return err
		}
		defer os.Remove(o.portFile)
	}
	c := exec.CommandContext(cmd.Context(), command[0], command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = m.In, m.Out, m.Err
	c.Env = append(os.Environ(), s.environment()...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	err = c.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return &exitError{exit.ExitCode()}
	case cmd.Context().Err() != nil:
		return cmd.Context().Err()
	case errors.As(err, &exit): // a signal: as a shell tells it
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return &exitError{128 + int(status.Signal())}
		}
	}
	return &inputError{fmt.Errorf("orrery exec: %w", err)}
}

// environment tells a command where the world is, in our words and in those of the official clients.
func (s *server) environment() []string {
	vars := api.Environment(s.listener.Addr().String())
	var out []string
	for _, k := range slices.Sorted(maps.Keys(vars)) {
		out = append(out, k+"="+vars[k])
	}
	return out
}
