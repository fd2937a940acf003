package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

type runFlags struct {
	scenarioFlags
	study                                     studyFlags
	out, events, perfetto                     string
	save                                      []string
	csv, json, quiet, check, strict, noReport bool
}

func (m Main) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{Use: "run SCENARIO", Short: "Simulate a scenario once and write a run folder, or many times (--seeds, --vary)", Args: exactArgs(1, "a scenario file, or the folder of a live world"),
		RunE: func(cmd *cobra.Command, args []string) error { return m.run(cmd, args[0], &f) }}
	f.add(cmd)
	f.study.add(cmd)
	fl := cmd.Flags()
	fl.StringVarP(&f.out, "out", "o", "", "run folder (default: runs/NAME-SEED); none: no folder")
	fl.BoolVar(&f.csv, "csv", false, "also write jobs.csv and series.csv")
	fl.BoolVar(&f.json, "json", false, "print one JSON object in place of the summary")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print neither progress nor summary")
	fl.StringVar(&f.events, "events", "", "write every event as a line of JSON to this file")
	fl.StringVar(&f.perfetto, "perfetto", "", "write a trace for ui.perfetto.dev to this file")
	fl.BoolVar(&f.check, "check", false, "run the invariant checker beside the simulation")
	fl.BoolVar(&f.strict, "strict", false, "a job that no cluster state can hold is an error")
	fl.BoolVar(&f.noReport, "no-report", false, "leave report.html out")
	fl.StringArrayVar(&f.save, "save-state", nil, "AT=FILE: save the state at an instant, such as 12h=noon.json")
	return cmd
}

func (m Main) run(cmd *cobra.Command, file string, f *runFlags) error {
	if f.study.asked(cmd) {
		return m.study(cmd, file, f)
	}
	l, err := f.load(cmd, file)
	if err != nil {
		return err
	}
	opt, err := f.options(l)
	if err != nil {
		return err
	}
	p, err := l.Compile()
	if err != nil {
		return err
	}
	if err := l.Attach(p, world.OpenReplay); err != nil {
		return err
	}
	if err := harmless(l, p, opt); err != nil {
		return err
	}
	p.Config.Strict = f.strict
	bar := newProgress(m.Err, l.Jobs())
	if !f.quiet {
		opt.Progress = bar.show
	}
	replaced := run.Holds(opt.Dir)
	done, summary, err := run.Execute(cmd.Context(), p, opt)
	bar.clear()
	if err != nil {
		return err
	}
	if opt.Dir != "" && !f.noReport {
		if err := writeReport(opt.Dir); err != nil {
			return err
		}
	}
	if err := m.answer(p, f, opt, done, summary); err != nil {
		return err
	}
	if replaced && !f.quiet {
		fmt.Fprintf(m.Err, "note: %s held an earlier run, which this one replaced\n", opt.Dir)
	}
	if done.Interrupted {
		return cmd.Context().Err()
	}
	return nil
}

// answer prints what came out: the JSON object, or the summary.
func (m Main) answer(p *scenarios.Plan, f *runFlags, opt run.Options, done *run.Simulated, summary *run.Summary) error {
	if f.json {
		return writeJSON(m.Out, summary)
	}
	if f.quiet {
		return nil
	}
	printSummary(m.Out, p, done, styleFor(m.Out))
	fmt.Fprintln(m.Out)
	if opt.Dir != "" {
		where := opt.Dir
		if !f.noReport {
			where = filepath.Join(opt.Dir, run.ReportName)
		}
		fmt.Fprintf(m.Out, "%s   ", where)
	}
	fmt.Fprintf(m.Out, "digest %.8s\n", done.Digest)
	for _, w := range append(append([]string(nil), p.Warnings...), done.Notes...) {
		fmt.Fprintf(m.Err, "note: %s\n", plain(w))
	}
	return nil
}

// options turns flags into what a run leaves behind.
func (f *runFlags) options(l *scenarios.Loaded) (run.Options, error) {
	opt := run.Options{Dir: f.out, Folder: run.FolderOptions{CSV: f.csv}, Events: f.events, Timeline: f.perfetto, Check: f.check,
		Tool: run.Tool{Name: "orrery", Version: versionText(), Command: append([]string{"orrery"}, os.Args[1:]...)}}
	switch opt.Dir {
	case "":
		opt.Dir = filepath.Join("runs", folderName(fmt.Sprintf("%s-%d", l.Name, l.Seed)+f.changed()))
	case "none":
		opt.Dir = ""
	}
	base, err := filepath.Abs(l.Dir)
	if err != nil {
		return opt, err
	}
	opt.Tool.Base = base
	if err := writable(map[string]string{"--events": f.events, "--perfetto": f.perfetto}); err != nil {
		return opt, err
	}
	if len(f.save) == 0 {
		return opt, nil
	}
	if len(f.save) > 1 {
		return opt, usageError{fmt.Errorf("--save-state %s\n  found it %d times; expected one instant a run\n  run the scenario again for another", f.save[1], len(f.save))}
	}
	at, file, ok := strings.Cut(f.save[0], "=")
	ns, err := units.ParseDuration(at)
	if !ok || file == "" || err != nil || ns < 0 {
		return opt, usageError{fmt.Errorf("--save-state %s\n  found no AT=FILE; expected an instant and a file, such as 12h=noon.json", f.save[0])}
	}
	opt.SaveAt, opt.SaveTo = state.Time(ns), file
	return opt, writable(map[string]string{"--save-state": file})
}

// changed is what the command line says beside the scenario, as the end of a folder's name: runs that differ get folders that do.
func (f *runFlags) changed() string {
	text := ""
	if f.policy != "" {
		text += "-" + f.policy
	}
	for _, s := range f.set {
		text += "-" + s
	}
	return text[:min(len(text), 80)]
}

// writable tests that the folders of output files exist, so that a long run does not fail at its end.
func writable(files map[string]string) error {
	for flag, file := range files {
		if file == "" {
			continue
		}
		dir := filepath.Dir(file)
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			return usageError{fmt.Errorf("%s %s\n  found no folder %s; expected one that exists\n  make it first", flag, file, dir)}
		}
	}
	return nil
}

// harmless tests that no output takes the place of an input or of another output.
func harmless(l *scenarios.Loaded, p *scenarios.Plan, opt run.Options) error {
	taken := map[string]string{}
	for _, out := range []struct{ flag, name string }{{"--out", opt.Dir}, {"--events", opt.Events}, {"--perfetto", opt.Timeline}, {"--save-state", opt.SaveTo}} {
		if out.name == "" {
			continue
		}
		if input, ok := l.Reads(p, out.name); ok {
			return usageError{fmt.Errorf("%s %s\n  found %s, which this run reads; expected a place that holds none of its inputs\n  choose another name",
				out.flag, out.name, input)}
		}
		name := filepath.Clean(out.name)
		if first, ok := taken[name]; ok {
			return usageError{fmt.Errorf("%s %s\n  found the name of %s; expected one of its own\n  choose another name", out.flag, out.name, first)}
		}
		taken[name] = out.flag
	}
	return nil
}

// folderName makes a scenario's name safe as the name of a folder.
func folderName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r == '+' || r == '=' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, strings.TrimLeft(name, "."))
}
