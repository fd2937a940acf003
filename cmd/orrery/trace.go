package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/scenarios/trace/fetch"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

func (m Main) traceCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "trace", Short: "Workloads: formats, public traces, statistics, conversion, generation", Args: exactArgs(0, "a subcommand"),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(m.traceList(), m.traceFetch(), m.traceStats(), m.traceConvert(), m.traceGenerate())
	return cmd
}

func (m Main) traceList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the formats that are read and the public traces that can be fetched", Args: exactArgs(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(m.Out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "FORMAT\tREADS\tBESIDE IT")
			for _, f := range trace.Formats() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, f.Description, f.Files)
			}
			fmt.Fprintln(w, "\nTRACE\tHOLDS\tLICENCE")
			for _, h := range fetch.Homes() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", h.Name, h.About, h.Licence)
			}
			return w.Flush()
		}}
}

func (m Main) traceFetch() *cobra.Command {
	var dir, base string
	var only []string
	cmd := &cobra.Command{Use: "fetch NAME", Short: "Fetch a public trace and check its sums", Args: exactArgs(1, "the name of a trace (orrery trace list)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, ok := fetch.Find(args[0])
			if !ok {
				var names []string
				for _, h := range fetch.Homes() {
					names = append(names, h.Name)
				}
				return usageError{fmt.Errorf("no trace %q\n  traces: %s%s\n  orrery trace list says what each holds", args[0], strings.Join(names, ", "), near(args[0], names))}
			}
			if dir == "" {
				dir = h.Name
			}
			return m.fetch(cmd.Context(), h, dir, base, only)
		}}
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, h := range fetch.Homes() {
			names = append(names, h.Name+"\t"+h.About)
		}
		if len(args) > 0 {
			names = nil // one name is all it takes
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	cmd.Flags().StringVar(&dir, "dir", "", "folder to put the files in (default: the trace's name)")
	cmd.Flags().StringSliceVar(&only, "only", nil, "only files whose path contains one of these words")
	cmd.Flags().StringVar(&base, "mirror", "", "URL that replaces the host of the public home")
	return cmd
}

func (m Main) fetch(ctx context.Context, h fetch.Home, dir, base string, only []string) error {
	fmt.Fprintf(m.Err, "%s: %s, commit %s\nlicence: %s\n", h.Name, h.Repository, h.Commit, h.Licence)
	terminal := isTerminal(m.Err)
	c := &fetch.Client{Base: base}
	if terminal {
		c.Progress = func(p fetch.Progress) {
			text := units.FormatBytes(p.Done)
			if p.Total > 0 {
				text += " of " + units.FormatBytes(p.Total)
			}
			fmt.Fprintf(m.Err, "\r%-78s", p.File+"   "+text)
		}
	}
	for _, f := range h.Files {
		if !wanted(f.Path, only) {
			continue
		}
		r, err := c.Fetch(ctx, h, f, dir)
		if terminal {
			fmt.Fprintf(m.Err, "\r%78s\r", "")
		}
		if err != nil {
			return err
		}
		checked := "sum checked"
		if !r.Checked {
			checked = "no sum is known: sha256 " + r.SHA256
		}
		if r.Had {
			checked += ", was there"
		}
		fmt.Fprintf(m.Out, "%s  %s  %s\n", r.Path, units.FormatBytes(r.Bytes), checked)
		tables, err := c.Unpack(ctx, h, r.Path)
		if terminal {
			fmt.Fprintf(m.Err, "\r%78s\r", "")
		}
		if err != nil {
			return err
		}
		for _, table := range tables {
			fmt.Fprintf(m.Out, "%s  unpacked\n", table)
		}
	}
	return nil
}

func wanted(path string, only []string) bool {
	for _, word := range only {
		if strings.Contains(path, word) {
			return true
		}
	}
	return len(only) == 0
}

func near(got string, names []string) string {
	if n := ydec.Nearest(got, names); n != "" {
		return fmt.Sprintf("   (did you mean %q?)", n)
	}
	return ""
}

// readFlags are how a trace is read.
type readFlags struct {
	format string
	opt    trace.Options
}

func (f *readFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVarP(&f.format, "format", "f", "", "format (default: told by the file's first lines; orrery trace list)")
	fl.StringVar(&f.opt.NeverStarted, "never-started", "cancel", "jobs that never ran: cancel after their recorded wait, or skip")
	fl.StringVar(&f.opt.RecordedFailures, "recorded-failures", "keep", "keep, or finish")
	fl.StringVar(&f.opt.Timezone, "timezone", "UTC", "zone of times without one")
	fl.StringVar(&f.opt.VCs, "vcs", "", "helios: nodes of each virtual cluster")
	fl.StringVar(&f.opt.Cluster, "cluster", "", "tiresias: cluster specification")
	fl.StringVar(&f.opt.Tasks, "tasks", "", "pai2020: task table")
	fl.StringVar(&f.opt.Nodes, "nodes", "", "sacct: text of sinfo or scontrol show node")
	fl.StringVar(&f.opt.Throughputs, "throughputs", "", "gavel: throughputs; pollux: folder of measured traces")
	fl.StringVar(&f.opt.GPU, "gpu", "", "gavel: GPU type whose throughput gives the durations")
	var names []string
	for _, format := range trace.Formats() {
		names = append(names, format.Name+"\t"+format.Description)
	}
	offer(cmd, "format", names...)
	offer(cmd, "never-started", trace.NeverCancel, trace.NeverSkip)
	offer(cmd, "recorded-failures", trace.FailureKeep, trace.FailureFinish)
}

// offer lets the shell complete the words of a flag that was just defined.
func offer(cmd *cobra.Command, flag string, words ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // no such flag, or told twice
	}
}

// formatOf is the format that was asked for, else the one that the file's first lines tell; the guess is said, never silent.
func (m Main) formatOf(f *readFlags, file string) (string, error) {
	format := f.format
	if format == "" {
		guess, why, err := trace.Guess(file)
		if err != nil {
			return "", err
		}
		format = guess
		fmt.Fprintf(m.Err, "format %s: %s (--format says it otherwise)\n", guess, why)
	} else if !trace.Known(format) {
		e := trace.Unknown(format)
		return "", usageError{fmt.Errorf("--format %s: no such format\n  %s\n  %s", format, e.Want, cmp.Or(e.Do, "orrery trace list says what each reads"))}
	}
	for _, c := range f.opt.Foreign(format) {
		return "", usageError{fmt.Errorf("--%s: found with format %s, which does not read it\n  expected format %s\n  leave --%s out, or give --format",
			c.Key, format, strings.Join(c.Formats, " or "), c.Key)}
	}
	return format, nil
}

func (m Main) traceStats() *cobra.Command {
	var f readFlags
	var gpus int64
	cmd := &cobra.Command{Use: "stats FILE", Short: "Say what a careful person checks first in a trace", Args: exactArgs(1, "a trace"),
		RunE: func(_ *cobra.Command, args []string) error {
			format, err := m.formatOf(&f, args[0])
			if err != nil {
				return err
			}
			st, err := trace.StatsOf(format, args[0], f.opt, gpus)
			if err != nil {
				return err
			}
			if err := st.WriteText(m.Out); err != nil {
				return err
			}
			if st.Broken > 0 || st.Truncated {
				return errNo
			}
			return nil
		}}
	f.add(cmd)
	cmd.Flags().Int64Var(&gpus, "gpus", 0, "GPUs of the cluster to measure the load against (default: the trace's own cluster)")
	return cmd
}

func (m Main) traceConvert() *cobra.Command {
	var f readFlags
	var out string
	cmd := &cobra.Command{Use: "convert FILE", Short: "Write a trace as our own CSV", Args: exactArgs(1, "a trace"),
		RunE: func(_ *cobra.Command, args []string) error {
			format, err := m.formatOf(&f, args[0])
			if err != nil {
				return err
			}
			if err := notOver(out, args[0], f.opt.VCs, f.opt.Cluster, f.opt.Tasks, f.opt.Nodes, f.opt.Throughputs); err != nil {
				return err
			}
			names := &state.Names{}
			src, meta, err := trace.Open(format, args[0], f.opt, names)
			if err != nil {
				return err
			}
			return m.writeTrace(out, src, names, meta)
		}}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.opt.Sort, "sort", false, "order rows by submission, in memory")
	addOut(cmd, &out)
	return cmd
}

// addOut is where a command writes to; --output is the name that it had.
func addOut(cmd *cobra.Command, out *string) {
	cmd.Flags().StringVarP(out, "out", "o", "", "file to write (default: standard output)")
	cmd.Flags().StringVar(out, "output", "", "the same as --out")
	if err := cmd.Flags().MarkHidden("output"); err != nil {
		panic(err) // the flag was defined one line above
	}
}

// notOver refuses to write over a file that is read.
func notOver(out string, inputs ...string) error {
	to, err := os.Stat(out)
	if err != nil {
		return nil
	}
	for _, in := range inputs {
		if from, err := os.Stat(in); err == nil && os.SameFile(from, to) {
			return usageError{fmt.Errorf("--out %s: found the file that is read (%s)\n  expected another file\n  write to a new one, and rename it when it is right", out, in)}
		}
	}
	return nil
}

// writeTrace writes a source as our own CSV to a file, which appears only when it is whole, or to standard output.
func (m Main) writeTrace(out string, src state.Source, names *state.Names, meta *trace.Meta) error {
	var conv trace.Conversion
	write := func(w io.Writer) (err error) {
		conv, err = trace.Convert(w, src, names, meta)
		return err
	}
	var err error
	if out == "" {
		w := bufio.NewWriter(m.Out)
		if err = write(w); err == nil {
			err = w.Flush()
		}
	} else {
		err = writeWhole(out, write)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Err, "%s jobs, columns %s\n", units.FormatCount(conv.Jobs), strings.Join(conv.Columns, ","))
	notes := trace.NotesOf(src)
	if meta != nil {
		notes = append(append([]string(nil), meta.Warnings...), notes...)
	}
	for _, n := range append(notes, conv.Lost...) {
		fmt.Fprintf(m.Err, "note: %s\n", n)
	}
	return nil
}

// writeWhole writes a file that appears only when it is whole.
func writeWhole(name string, write func(io.Writer) error) error {
	f, err := columns.Create(name)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}

func (m Main) traceGenerate() *cobra.Command {
	var out string
	var set []string
	var seed uint64
	cmd := &cobra.Command{Use: "generate SPEC", Short: "Draw a workload and write it as our own CSV",
		Long: "Draw a workload and write it as our own CSV. SPEC is a YAML file with the keys of a scenario's generator and, optionally,\nseed, start and timezone.",
		Args: exactArgs(1, "a generator specification"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notOver(out, args[0]); err != nil {
				return err
			}
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			var sets []scenarios.Set
			if cmd.Flags().Changed("seed") {
				sets = append(sets, scenarios.Set{Path: "seed", Value: fmt.Sprint(seed), Origin: "--seed"})
			}
			for _, text := range set {
				s, err := scenarios.ParseSet(text)
				if err != nil {
					return usageError{err}
				}
				sets = append(sets, s)
			}
			names := &state.Names{}
			src, err := scenarios.ParseGenerator(args[0], data, names, sets...)
			if err != nil {
				return err
			}
			return m.writeTrace(out, src, names, nil)
		}}
	cmd.Flags().StringArrayVar(&set, "set", nil, "path=value, such as jobs=1000; may be repeated")
	addOut(cmd, &out)
	cmd.Flags().Uint64Var(&seed, "seed", 0, "seed of everything that is drawn (default: the specification's, or 1)")
	return cmd
}
