package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/policies/wasm/conform"
)

func (m Main) policyCheckCommand() *cobra.Command {
	var bench, asJSON, child bool
	var params string
	var limit time.Duration
	cmd := &cobra.Command{Use: "check FILE.wasm", Short: "Hold a module to the rules of the ABI: pass or fail per rule, and why",
		Long: "Runs a module through the conformance kit, in a child process with a deadline: a stranger's module is safe to check. The exit code is 1\n" +
			"when a rule is broken; warnings are no faults. Fuel is the same on every machine; --bench times calls as well.",
		Args: func(cmd *cobra.Command, args []string) error {
			if child {
				return nil
			}
			return exactArgs(1, "a module")(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if child {
				return conform.Serve(m.In, m.Out, nanoseconds())
			}
			code, err := readModule(args[0])
			if err != nil {
				return err
			}
			o := conform.Options{Name: filepath.Base(args[0])}
			if params != "" {
				if o.Params, err = wasm.NewParams([]byte(params)); err != nil {
					return usageError{fmt.Errorf("--params %s\n  %w\n  expected a JSON object, such as {\"depth\": 100}", params, err)}
				}
			}
			if bench {
				o.Clock = nanoseconds()
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			r, err := conform.Run(conform.Command{Path: self, Args: []string{"policy", "check", "--child"}}, code, o, limit)
			if err != nil {
				return err
			}
			write := r.Text
			if asJSON {
				write = r.JSON
			}
			if err := write(m.Out); err != nil {
				return err
			}
			if !r.Passed() {
				return errNo
			}
			return nil
		}}
	cmd.Flags().BoolVar(&bench, "bench", false, "also time calls: ns beside fuel")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().StringVar(&params, "params", "", "parameters for the module, a JSON object")
	cmd.Flags().DurationVar(&limit, "timeout", 2*time.Minute, "time that the check may take")
	cmd.Flags().BoolVar(&child, "child", false, "read a request from standard input")
	if err := cmd.Flags().MarkHidden("child"); err != nil {
		panic(err) // the flag was defined one line above
	}
	return cmd
}

// readModule reads a file that may be a module; its size is bounded before anything of it is read.
func readModule(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	const most = 16 << 20
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, usageError{fmt.Errorf("%s: found no file of at most %d bytes; expected a WebAssembly module\n  orrery policy init makes one", name, most)}
	}
	code, err := os.ReadFile(name)
	if err == nil && len(code) == 0 {
		err = usageError{errors.New(name + ": found an empty file; expected a WebAssembly module")}
	}
	return code, err
}

// nanoseconds is a monotonic clock.
func nanoseconds() func() int64 {
	began := time.Now()
	return func() int64 { return int64(time.Since(began)) }
}
