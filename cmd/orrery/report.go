package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/figure"
	"github.com/orrery-sim/orrery/reports/folder"
	"github.com/orrery-sim/orrery/reports/page"
	"github.com/orrery-sim/orrery/scenarios/run"
)

func (m Main) reportCommand() *cobra.Command {
	var figures string
	cmd := &cobra.Command{Use: "report RUN...", Short: "Write report.html of run folders anew, or each chart as SVG and CSV", Args: someArgs(1, "run folders"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, dir := range args {
				if figures == "" {
					if err := writeReport(dir); err != nil {
						return err
					}
					fmt.Fprintln(m.Out, filepath.Join(dir, run.ReportName))
					continue
				}
				if err := outside("--figures", figures, figures, args); err != nil {
					return err
				}
				rep, err := reportOf(dir)
				if err != nil {
					return err
				}
				into := figures
				if len(args) > 1 {
					into = filepath.Join(figures, filepath.Base(filepath.Clean(dir)))
				}
				if err := m.writeFigures(rep, into); err != nil {
					return err
				}
			}
			return nil
		}}
	cmd.Flags().StringVar(&figures, "figures", "", "write each chart as SVG with its data as CSV into this folder, in place of report.html")
	return cmd
}

func reportOf(dir string) (*reports.Report, error) {
	in, err := folder.Run(dir)
	if err != nil {
		return nil, &inputError{err}
	}
	return in.Report()
}

// inputError is a run folder that cannot be read as one.
type inputError struct{ error }

func (e *inputError) Unwrap() error { return e.error }

// writeReport writes a run folder's report.html.
func writeReport(dir string) error {
	rep, err := reportOf(dir)
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, run.ReportName), func(w io.Writer) error { return page.Write(w, rep) })
}

// writeFigures writes every chart of a report as SVG and CSV.
func (m Main) writeFigures(rep *reports.Report, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, s := range rep.Sections {
		for _, b := range s.Blocks {
			if b.Chart == nil {
				continue
			}
			svg, err := figure.SVG(b.Chart)
			if err != nil {
				return err
			}
			for name, content := range map[string][]byte{b.Chart.ID + ".svg": svg, b.Chart.ID + ".csv": figure.CSV(b.Chart)} {
				if err := writeWhole(filepath.Join(dir, name), func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
					return err
				}
			}
			fmt.Fprintln(m.Out, filepath.Join(dir, b.Chart.ID+".svg"))
		}
	}
	return nil
}
