package scenarios

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim/state"
)

// historyKey is where the scenario names the file with the service of past jobs.
const historyKey = "policy.params.history"

// history reads the service that a policy like gittins goes by: that of the file that the scenario names, or of its own workload.
func (l *Loaded) history(p *Plan, spec *policies.Spec) error {
	file, ok := spec.UsesHistory()
	if !ok {
		return nil
	}
	if file == "" {
		return l.ownHistory(p, spec)
	}
	if l.readable(p, historyKey, file); l.Doc.Err() != nil {
		return l.Doc.Err()
	}
	f, err := os.Open(l.path(file))
	if err != nil {
		return err
	}
	defer f.Close()
	rows := csv.NewReader(f)
	head, err := rows.Read()
	column := slices.Index(head, "duration")
	if err != nil || column < 0 {
		l.Doc.Errorf(historyKey, "%s has no column duration", file).Want("CSV whose first line names a column duration: GPU-seconds, a job a row")
		return l.Doc.Err()
	}
	for n := 2; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var v int64
		if err == nil {
			v, err = strconv.ParseInt(row[column], 10, 64)
		}
		if err != nil || v < 0 || v > int64(state.End/state.Second) {
			l.Doc.Errorf(historyKey, "%s, line %d: no number of GPU-seconds", file, n).Want("a whole number from 0")
			return l.Doc.Err()
		}
		spec.History = append(spec.History, v)
	}
	if len(spec.History) == 0 {
		l.Doc.Errorf(historyKey, "%s holds no job", file).Want("a row for each past job")
	}
	return l.Doc.Err()
}

// ownHistory takes the service of the scenario's own jobs.
func (l *Loaded) ownHistory(p *Plan, spec *policies.Spec) error {
	if len(l.Workload) == 0 {
		return nil
	}
	p.Warnings = append(p.Warnings, "how much service jobs need is counted from the workload itself, before it runs: no scheduler knows that; params: {history: FILE} "+
		"names a file of the past")
	src, err := p.Config.Source.Clone(p.Config.Names)
	if err != nil {
		return err
	}
	var job state.JobSpec
	for range typicalJobs {
		more, err := src.Next(&job)
		if err != nil || !more {
			return err
		}
		if g := job.GPUs(); job.Duration < state.End && g < 1<<20 {
			spec.History = append(spec.History, int64(job.Duration/state.Second)*g)
		}
	}
	return nil
}
