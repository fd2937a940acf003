package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/folder"
	"github.com/orrery-sim/orrery/reports/page"
	"github.com/orrery-sim/orrery/reports/table"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/scenarios/study"
	"github.com/orrery-sim/orrery/sim/units"
)

// studyFlags make a run a study.
type studyFlags struct {
	seeds string
	vary  []string
	slo   []string
	again bool
}

func (f *studyFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.seeds, "seeds", "", "run every seed: 1..20 or 1,2,5")
	fl.StringArrayVar(&f.vary, "vary", nil, "PATH=v1,v2,...: run every value; several are combined")
	fl.StringArrayVar(&f.slo, "slo", nil, "a level to meet, such as 'wait.p95{queue=prod} <= 15m'; the smallest point that does is marked")
	fl.BoolVar(&f.again, "again", false, "of a study: run anew what stands in its folder already")
}

// asked reports whether the command line asks for more than one run.
func (f *studyFlags) asked(cmd *cobra.Command) bool {
	return f.seeds != "" || cmd.Flags().Changed("seeds") || len(f.vary) > 0 || len(f.slo) > 0
}

// StudyName is the file with all that a study found.
const studyName = "study.json"

func (m Main) study(cmd *cobra.Command, file string, f *runFlags) error {
	s, levels, err := f.study.parse(cmd, f)
	if err != nil {
		return usageError{err}
	}
	s.Load = func(sets ...scenarios.Set) (*scenarios.Loaded, error) { return f.load(cmd, file, sets...) }
	base, err := s.Load()
	if err != nil {
		return err
	}
	if s.Dir = f.out; s.Dir == "" {
		s.Dir = filepath.Join("runs", folderName(base.Name+f.changed())+"-study")
	}
	if run.Holds(s.Dir) {
		return usageError{fmt.Errorf("--out %s\n  found a run there; expected a folder for a study, which holds a folder a point\n  choose another with --out", s.Dir)}
	}
	points, tasks, err := s.Tasks()
	if err != nil {
		var diags interface{ Unwrap() []error }
		if errors.As(err, &diags) {
			return err
		}
		if code, _ := explain(err); code == exitInput {
			return err
		}
		return usageError{err}
	}
	if err := checkStudy(base, s.Dir, levels); err != nil {
		return err
	}
	local := &study.Local{Tool: s.Tool, Check: f.check, CSV: f.csv, Strict: f.strict, Again: f.study.again}
	figures, failed := m.carryOut(cmd.Context(), local, tasks, base, f.quiet)
	if failed != nil && !errors.Is(failed, context.Canceled) {
		return failed
	}
	r := study.Assemble(s, base.Name, points, tasks, figures, levels)
	rep, err := m.writeStudy(s, r, f)
	if err != nil {
		return err
	}
	if err := m.printStudy(r, rep, s.Dir, local.Reused, f); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	if len(levels) > 0 && r.Smallest < 0 {
		return errNo
	}
	return nil
}

// parse reads the flags of a study.
func (f *studyFlags) parse(cmd *cobra.Command, all *runFlags) (*study.Study, []study.Level, error) {
	for name, set := range map[string]bool{"--events": all.events != "", "--perfetto": all.perfetto != "", "--save-state": len(all.save) > 0} {
		if set {
			return nil, nil, fmt.Errorf("%s with --seeds or --vary\n  found one file for many runs; expected a single run\n  leave one of them out", name)
		}
	}
	if all.out == "none" {
		return nil, nil, fmt.Errorf("--out none with --seeds or --vary\n  a study keeps a folder a point, which its table is read from\n  give another --out")
	}
	if cmd.Flags().Changed("seed") && cmd.Flags().Changed("seeds") {
		return nil, nil, fmt.Errorf("--seed with --seeds\n  found both; expected one\n  leave --seed out")
	}
	s := &study.Study{FolderName: folderName, Tool: run.Tool{Name: "orrery", Version: versionText(), Command: append([]string{"orrery"}, os.Args[1:]...)}}
	var err error
	if cmd.Flags().Changed("seeds") {
		if s.Seeds, err = study.ParseSeeds(f.seeds); err != nil {
			return nil, nil, err
		}
	}
	for _, text := range f.vary {
		a, err := study.ParseVary(text)
		if err != nil {
			return nil, nil, err
		}
		if a.Path == "seed" {
			return nil, nil, fmt.Errorf("--vary seed\n  found the seed as a value; expected --seeds %s: points are compared seed by seed", strings.Join(a.Values, ","))
		}
		s.Axes = append(s.Axes, a)
	}
	var levels []study.Level
	for _, text := range f.slo {
		l, err := study.ParseLevel(text)
		if err != nil {
			return nil, nil, err
		}
		levels = append(levels, l)
	}
	return s, levels, nil
}

// checkStudy looks at what a single run would find only at its end: names in levels, inputs that would be written over.
func checkStudy(l *scenarios.Loaded, dir string, levels []study.Level) error {
	p, err := l.Compile()
	if err != nil {
		return err
	}
	defer p.Close()
	if input, ok := l.Reads(p, dir); ok {
		return usageError{fmt.Errorf("--out %s\n  found %s, which these runs read; expected a place that holds none of their inputs\n  choose another name", dir, input)}
	}
	named := false
	for i := range levels {
		named = named || levels[i].Measure.Queue != "" || levels[i].Measure.User != ""
		if levels[i].Measure.Unit == study.Money && p.Prices == nil {
			return usageError{fmt.Errorf("--slo %s\n  found no prices in the scenario; expected prices: {currency: USD} or the like\n  a level on cost needs them", levels[i].Text)}
		}
	}
	if !named {
		return nil
	}
	if _, err := p.Drain(); err != nil {
		return &inputError{err}
	}
	for i := range levels {
		if err := levels[i].CheckNames(p.Config.Names.Queues.All(), p.Config.Names.Users.All()); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// carryOut runs the tasks and reads what each left behind; runs that are missing are nil.
func (m Main) carryOut(ctx context.Context, by study.Executor, tasks []study.Task, l *scenarios.Loaded, quiet bool) ([]*study.Figures, error) {
	figures := make([]*study.Figures, len(tasks))
	index := map[string]int{}
	for i, t := range tasks {
		index[t.Dir] = i
	}
	done, began, last := 0, time.Now(), time.Now()
	show := func() {
		if quiet || done == len(tasks) || time.Since(last) < 2*time.Second {
			return
		}
		last = time.Now()
		left := time.Duration(float64(time.Since(began)) / float64(done) * float64(len(tasks)-done))
		fmt.Fprintf(m.Err, "%d of %d runs   %s left\n", done, len(tasks), units.FormatDuration(int64(left)))
	}
	err := by.Execute(ctx, tasks, func(t study.Task) error {
		f, err := study.Read(t.Dir, l.Warmup.Time())
		if err != nil {
			return err
		}
		figures[index[t.Dir]] = f
		done++
		show()
		return nil
	})
	return figures, err
}

// writeStudy writes study.json and report.html.
func (m Main) writeStudy(s *study.Study, r *study.Result, f *runFlags) (*reports.Report, error) {
	in := folder.Study(r)
	in.Command, in.Tool = strings.Join(s.Tool.Command, " "), "orrery "+s.Tool.Version
	rep, err := in.Report()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return nil, err
	}
	err = writeWhole(filepath.Join(s.Dir, studyName), func(w io.Writer) error { return writeJSON(w, r) })
	if err == nil && !f.noReport {
		err = writeWhole(filepath.Join(s.Dir, run.ReportName), func(w io.Writer) error { return page.Write(w, rep) })
	}
	return rep, err
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printStudy prints the verdict, the planner's table and who loses.
func (m Main) printStudy(r *study.Result, rep *reports.Report, dir string, reused int, f *runFlags) error {
	for _, w := range rep.Warnings {
		fmt.Fprintf(m.Err, "note: %s\n", plain(w))
	}
	if reused > 0 && !f.quiet {
		fmt.Fprintf(m.Err, "note: %d runs stood in %s already (--again runs them anew)\n", reused, dir)
	}
	if f.json {
		return writeJSON(m.Out, r)
	}
	if f.quiet {
		return nil
	}
	fmt.Fprintf(m.Out, "%s\n", rep.Verdict)
	for _, s := range rep.Sections {
		for _, b := range s.Blocks {
			if b.Table == nil {
				continue
			}
			fmt.Fprintln(m.Out)
			write := func(w io.Writer, t *reports.Table) error { return table.Write(w, t, table.Plain) }
			if styleFor(m.Out).on {
				write = table.WriteBold
			}
			if err := write(m.Out, b.Table); err != nil {
				return err
			}
		}
	}
	where := filepath.Join(dir, run.ReportName)
	if f.noReport {
		where = filepath.Join(dir, studyName)
	}
	fmt.Fprintf(m.Out, "\n%s\n", where)
	return nil
}
