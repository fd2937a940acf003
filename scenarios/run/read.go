package run

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// JobRow is one row of jobs.parquet. Times are state.Unset where the row has none. Its slices are
// reused for the next row.
type JobRow struct {
	Job, Queue, User, Partition, State, Reason   string
	Number                                       uint64
	Priority                                     int64
	Submit, Start, End, LastStart, RecordedStart state.Time
	Estimate, Wait, Queued, Run, Lost            state.Time // Wait is Unset for a job that never started
	Overhead, Idle                               state.Time // of Run
	GPUs, Preemptions, Attempts                  int64
	GPUHours                                     float64
	Nodes                                        []string // of the last attempt
	NodeGPUs                                     []int64  // devices on each
	Waited                                       [state.NumCauses]state.Time
	X                                            []float64
	Cost                                         float64 // 0 too where costs are not modelled
}

// AttemptRow is one row of attempts.parquet: an attempt that did not end its job.
type AttemptRow struct {
	Job, Reason string
	Number      uint64
	Start, End  state.Time
	Lost        state.Time
	Overhead    state.Time
	Idle        state.Time
	Kind        string // of a preemption
	By          int64  // number of the job that it was for, or -1
	Nodes       []string
	NodeGPUs    []int64
}

// Jobs reads the jobs of a run folder in the order in which they ended. The row is reused.
func Jobs(dir string) iter.Seq2[*JobRow, error] {
	return func(yield func(*JobRow, error) bool) {
		file, err := columns.OpenParquet(filepath.Join(dir, JobsName))
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		schema := file.Schema()
		fixed := jobSchema(nil, false)
		var names []string
		for _, c := range fixed {
			names = append(names, c.Name)
		}
		for _, c := range schema {
			if strings.HasPrefix(c.Name, "x_") {
				names = append(names, c.Name)
			}
		}
		priced := slices.ContainsFunc(schema, func(c columns.Column) bool { return c.Name == colCost })
		if priced {
			names = append(names, colCost)
		}
		row, words := &JobRow{}, interner{}
		for b, err := range file.Batches(names...) {
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", filepath.Join(dir, JobsName), err))
				return
			}
			for i := range b.Rows {
				row.read(b, i, words, priced)
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// nanoseconds are exact for values below 52 days, and within 1 ns below 2 years.
func nanoseconds(v *columns.Values, row int) state.Time {
	if v.Absent(row) {
		return state.Unset
	}
	return state.Time(math.Round(v.Floats[row] * 1e9))
}

// interner keeps one string of each word that repeats.
type interner map[string]string

func (in interner) of(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := string(b)
	in[s] = s
	return s
}

func (r *JobRow) read(b *columns.Batch, i int, words interner, priced bool) {
	at := func(col int) state.Time { return nanoseconds(&b.Cols[col], i) }
	num := func(col int) int64 { return b.Cols[col].Ints[i] }
	word := func(col int) string { return words.of(b.Cols[col].Bytes(i)) }
	*r = JobRow{
		Job: string(b.Cols[colJob].Bytes(i)), Queue: word(colQueue), User: word(colUser), Partition: word(colPartition),
		State: word(colState), Reason: word(colReason), Number: uint64(num(colNumber)), Priority: num(colPriority), Submit: at(colSubmit),
		Start: at(colStart), End: at(colEnd), LastStart: at(colLastStart), RecordedStart: at(colRecordedStart),
		Estimate: at(colEstimate), Wait: at(colWait), Queued: at(colQueued), Run: at(colRun), Lost: at(colLost), Overhead: at(colOverhead), Idle: at(colIdle), GPUs: num(colGPUs),
		Preemptions: num(colPreemptions), Attempts: num(colAttempts), GPUHours: b.Cols[colGPUHours].Floats[i], X: r.X[:0],
		Nodes: r.Nodes[:0], NodeGPUs: r.NodeGPUs[:0],
	}
	r.Nodes = splitWords(r.Nodes, b.Cols[colNodes].Bytes(i), words)
	r.NodeGPUs = splitCounts(r.NodeGPUs, b.Cols[colNodeGPUs].Bytes(i))
	for c := range r.Waited {
		r.Waited[c] = at(colCause0 + c)
	}
	x := b.Cols[colX0:]
	if priced {
		r.Cost, x = x[len(x)-1].Floats[i], x[:len(x)-1]
	}
	for c := range x {
		r.X = append(r.X, x[c].Floats[i])
	}
}

func splitWords(dst []string, list []byte, words interner) []string {
	from := 0
	for i := 0; i <= len(list) && len(list) > 0; i++ {
		if i == len(list) || list[i] == ';' {
			dst = append(dst, words.of(list[from:i]))
			from = i + 1
		}
	}
	return dst
}

func splitCounts(dst []int64, list []byte) []int64 {
	n := int64(0)
	for i := 0; i <= len(list) && len(list) > 0; i++ {
		if i == len(list) || list[i] == ';' {
			dst = append(dst, n)
			n = 0
			continue
		}
		n = n*10 + int64(list[i]-'0')
	}
	return dst
}

// Attempts reads the attempts that did not end their jobs, in the order in which they ended. There are none in a folder
// without such a file.
func Attempts(dir string) iter.Seq2[*AttemptRow, error] {
	return func(yield func(*AttemptRow, error) bool) {
		file, err := columns.OpenParquet(filepath.Join(dir, AttemptsName))
		if errors.Is(err, os.ErrNotExist) {
			return
		} else if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		row, words := &AttemptRow{}, interner{}
		for b, err := range file.Batches("number", "job", "start_s", "end_s", "reason", "lost_s", "nodes", "node_gpus", "kind", "by",
			"overhead_s", "idle_s") {
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", filepath.Join(dir, AttemptsName), err))
				return
			}
			for i := range b.Rows {
				*row = AttemptRow{Number: uint64(b.Cols[0].Ints[i]), Job: string(b.Cols[1].Bytes(i)), Start: nanoseconds(&b.Cols[2], i),
					End: nanoseconds(&b.Cols[3], i), Reason: words.of(b.Cols[4].Bytes(i)), Lost: nanoseconds(&b.Cols[5], i),
					Nodes: splitWords(row.Nodes[:0], b.Cols[6].Bytes(i), words), NodeGPUs: splitCounts(row.NodeGPUs[:0], b.Cols[7].Bytes(i)),
					Kind: words.of(b.Cols[8].Bytes(i)), By: -1, Overhead: nanoseconds(&b.Cols[10], i), Idle: nanoseconds(&b.Cols[11], i)}
				if !b.Cols[9].Absent(i) {
					row.By = b.Cols[9].Ints[i]
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// Series reads all series of a run folder in their order: those of sim/metric, then the rows of nodes.
func Series(dir string) ([]metric.Series, error) {
	file, err := columns.OpenParquet(filepath.Join(dir, SeriesName))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []metric.Series
	words := interner{}
	for b, err := range file.Batches("series", "key", "from_s", "to_s", "value", "low", "high", "changes") {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, SeriesName), err)
		}
		for i := range b.Rows {
			name, key := words.of(b.Cols[0].Bytes(i)), words.of(b.Cols[1].Bytes(i))
			from := nanoseconds(&b.Cols[2], i)
			if n := len(all); n == 0 || all[n-1].Name != name || all[n-1].Key != key || from < all[n-1].End {
				all = append(all, metric.Series{Name: name, Key: key, Points: b.Cols[7].Ints[i]})
			}
			s := &all[len(all)-1]
			s.At, s.End, s.Value = append(s.At, from), nanoseconds(&b.Cols[3], i), append(s.Value, b.Cols[4].Floats[i])
			if !b.Cols[5].Absent(i) {
				s.Low, s.High = append(s.Low, b.Cols[5].Floats[i]), append(s.High, b.Cols[6].Floats[i])
			}
		}
	}
	return all, nil
}
