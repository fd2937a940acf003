package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Exit codes (docs/cli.md).
const (
	exitDone        = 0
	exitNo          = 1 // the answer is no: verify differs, a check fails
	exitInput       = 2
	exitFailed      = 3
	exitInterrupted = 130
)

// Main is the program with its streams, so that tests run the real thing.
type Main struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run executes one command line and returns the exit code.
func (m Main) Run(ctx context.Context, args []string) int {
	root := m.command()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code, text := explain(err)
	if text != "" {
		fmt.Fprintln(m.Err, plain(text))
	}
	return code
}

// answerNo is an error whose text was printed already: the command worked and the answer is no.
var errNo = errors.New("no")

// usageError is a wrong command line.
type usageError struct{ error }

// explain gives the exit code of an error and the text to print.
func explain(err error) (int, string) {
	var diags ydec.Diagnostics
	var row *trace.Error
	var usage usageError
	var path *fs.PathError
	var violated *run.ViolationError
	var link *os.LinkError
	var input *run.InputError
	var folder *inputError
	var other *run.FolderError
	var guest *wasm.Error
	var exit *exitError
	var sheet *scenarios.SheetError
	switch {
	case errors.As(err, &exit):
		return exit.code, ""
	case errors.Is(err, errNo):
		return exitNo, ""
	case errors.As(err, &violated):
		return exitNo, err.Error()
	case errors.Is(err, context.Canceled):
		return exitInterrupted, ""
	case errors.As(err, &sheet), errors.As(err, &diags), errors.As(err, &row), errors.As(err, &input), errors.As(err, &folder), errors.As(err, &other), errors.As(err, &guest):
		return exitInput, err.Error()
	case errors.As(err, &usage):
		return exitInput, err.Error()
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist) && strings.Contains(filepath.Base(path.Path), ".tmp-"):
		return exitInput, fmt.Sprintf("%s: no such folder\n  found nothing there; expected a folder to write into\n  make it first, or choose another",
			filepath.Dir(path.Path))
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return exitInput, fmt.Sprintf("%s: no such file\n  found nothing at that path; expected a file or folder\n  check the path; relative paths in a "+
			"scenario start at the scenario file; shipped scenarios are %s", path.Path, strings.Join(library.Names(), ", "))
	case errors.As(err, &path) && (errors.Is(path.Err, syscall.EISDIR) || errors.Is(path.Err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) ||
		errors.Is(err, fs.ErrPermission)):
		return exitInput, fmt.Sprintf("%s: %v\n  found that instead of what the command needs there\n  check the path", path.Path, path.Err)
	case errors.As(err, &link):
		return exitInput, fmt.Sprintf("%s: %v\n  it could not be written there\n  choose another path", link.New, link.Err)
	}
	return exitFailed, err.Error()
}

// command builds the tree of commands.
func (m Main) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "orrery",
		Short:         "Simulate GPU clusters: replay workloads under scheduling policies",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usageError{fmt.Errorf("no command %q\n  commands: %s%s\n  orrery --help says what each does", args[0],
				strings.Join(commandNames(cmd), ", "), suggestion(cmd, args[0]))}
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(m.In)
	root.SetOut(m.Out)
	root.SetErr(m.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		text, _, _ := strings.Cut(err.Error(), ": strconv.")
		return usageError{fmt.Errorf("%s\n  %s --help lists the flags", text, cmd.CommandPath())}
	})
	root.AddCommand(m.runCommand(), m.validateCommand(), m.traceCommand(), m.reportCommand(), m.compareCommand(),
		m.verifyCommand(), m.explainCommand(), m.policyCommand(), m.serveCommand(), m.execCommand(), m.catalogCommand(), m.schemaCommand(), m.versionCommand())
	return root
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

func suggestion(cmd *cobra.Command, got string) string {
	if near := ydec.Nearest(got, commandNames(cmd)); near != "" {
		return fmt.Sprintf("   (did you mean %q?)", near)
	}
	return ""
}

// exactArgs wants n arguments and says which.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usageError{fmt.Errorf("%s: found %d arguments; expected %s\n  %s --help shows how it is used", cmd.CommandPath(), len(args), what,
			cmd.CommandPath())}
	}
}

// someArgs wants at least n arguments.
func someArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= n {
			return nil
		}
		return usageError{fmt.Errorf("%s: found %d arguments; expected %s\n  %s --help shows how it is used", cmd.CommandPath(), len(args), what,
			cmd.CommandPath())}
	}
}

// atMostOne wants one argument or none.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < 2 {
			return nil
		}
		return exactArgs(1, what)(cmd, args)
	}
}
