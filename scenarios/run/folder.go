package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// The files of a run folder. ReportName is the caller's to write.
const (
	JobsName       = "jobs.parquet"
	JobsCSVName    = "jobs.csv"
	SeriesName     = "series.parquet"
	SeriesCSVName  = "series.csv"
	AttemptsName   = "attempts.parquet"
	EventsName     = "events.jsonl"
	TimelineName   = "timeline.json"
	ReportName     = "report.html"
	notFinishedYet = "the run was not finished: it is still going on, or it was stopped before it could write its end"
)

var ownNames = []string{recordName, JobsName, JobsCSVName, SeriesName, SeriesCSVName, NodesName, AttemptsName, EventsName, TimelineName, ReportName}

// FolderOptions says which files a run folder gets beside run.json, jobs.parquet and series.parquet.
type FolderOptions struct {
	CSV      bool                   // jobs.csv and series.csv
	Events   bool                   // events.jsonl
	Timeline bool                   // timeline.json, for Perfetto
	Pools    []string               // names of pools by id
	Paid     func(slot int32) int64 // what a job whose end is told has paid, in millionths; nil: costs are not modelled
	OverTime metric.OverTimeConfig
}

// Folder is a run folder that is being written. Its files have temporary names until Finish. Until then run.json says that the run
// is not complete, or where the folder holds a run already it stays that run's: one that fails takes nothing away.
type Folder struct {
	dir    string
	opt    FolderOptions
	record Record
	files  []*columns.File
	rows   *jobRows
	over   *metric.OverTime
	log    *EventLog
	line   *Timeline
	nodes  *nodeTable
	old    []string // files of the run that is there already, or of one that was cut short
	stays  bool     // that run is kept until this one is whole
	done   bool
	lock   *os.File // held while the folder is being written: two runs into one would mix their files
}

// CreateFolder starts a run folder. A folder that is there already is taken over if it holds a run and nothing else, whose
// files are removed by Finish; anything else in it is an error, so that no other data is lost. record is what is known before
// the run: everything but digest, summary and host. names are the simulation's, after its workload has been opened.
func CreateFolder(dir string, record Record, names *state.Names, opt FolderOptions) (f *Folder, err error) {
	lock, old, err := takeOver(dir)
	if err != nil {
		return nil, err
	}
	record.Format, record.Complete, record.Partial, record.Summary = RecordFormat, false, notFinishedYet, nil
	f = &Folder{dir: dir, opt: opt, record: record, over: metric.NewOverTime(opt.OverTime), nodes: &nodeTable{pools: opt.Pools}, old: old, stays: Holds(dir), lock: lock}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Abort())
		}
	}()
	if !f.stays {
		if err := f.takePlace(); err != nil {
			return nil, err
		}
	}
	jobs, err := f.table(jobSchema(names.X.All(), opt.Paid != nil), JobsName, JobsCSVName)
	if err != nil {
		return nil, err
	}
	f.rows = newJobRows(jobs, func() (*columns.Writer, error) { return f.table(attemptSchema(), AttemptsName, "") }, names.X.Len(), opt.Paid)
	if opt.Events {
		file, err := f.file(EventsName)
		if err != nil {
			return nil, err
		}
		f.log = NewEventLog(file)
	}
	if opt.Timeline {
		file, err := f.file(TimelineName)
		if err != nil {
			return nil, err
		}
		f.line = NewTimeline(file)
	}
	return f, nil
}

// takeOver makes a folder, or accepts an empty one or one that holds nothing but a run. It returns that run's files, and the
// folder locked.
func takeOver(dir string) (lock *os.File, old []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	if lock, err = lockFolder(dir); err == nil {
		if old, err = ownFiles(dir); err == nil {
			return lock, old, nil
		}
		err = errors.Join(err, lock.Close())
	}
	if errors.Is(err, errBusy) {
		err = &FolderError{Dir: dir}
	}
	return nil, nil, err
}

// ownFiles are the files of the run that a folder holds, all that may be in it.
func ownFiles(dir string) (old []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	isRun := false
	for _, e := range entries {
		if !slices.Contains(ownNames, e.Name()) && !leftover(e.Name()) || e.IsDir() {
			return nil, &FolderError{Dir: dir, Other: e.Name()}
		}
		if e.Name() == recordName {
			isRun = true
			continue
		}
		old = append(old, e.Name())
	}
	for _, name := range old {
		if !isRun && !leftover(name) {
			return nil, &FolderError{Dir: dir, Other: name}
		}
	}
	return old, nil
}

// leftover reports whether a name is that of a file whose writing was cut short.
func leftover(name string) bool {
	for _, own := range ownNames {
		if ok, err := filepath.Match("."+own+".tmp-*", name); err == nil && ok {
			return true
		}
	}
	return false
}

// errBusy is a folder that another run is being written to.
var errBusy = errors.New("another run is being written to this folder")

// FolderError is a folder that holds something else than a run, or, without a name, one that another run is being written to.
type FolderError struct{ Dir, Other string }

func (e *FolderError) Error() string {
	if e.Other == "" {
		return fmt.Sprintf("%s: %v\n  wait for it to end, or choose another folder with --out", e.Dir, errBusy)
	}
	return fmt.Sprintf("%s: the folder holds %q, which is no part of a run\n  found other files; expected an empty folder, none, or an earlier run\n"+
		"  choose another folder with --out, or move that file away", e.Dir, e.Other)
}

func (f *Folder) file(name string) (*columns.File, error) {
	file, err := columns.Create(filepath.Join(f.dir, name))
	if err == nil {
		f.files = append(f.files, file)
		f.record.Files = append(f.record.Files, name)
	}
	return file, err
}

// table starts a table in Parquet, and in CSV if that is wanted and has a name.
func (f *Folder) table(schema columns.Schema, parquet, csv string) (*columns.Writer, error) {
	file, err := f.file(parquet)
	if err != nil {
		return nil, err
	}
	sink, err := columns.NewParquetSink(file, schema)
	if err != nil {
		return nil, err
	}
	sinks := []columns.Sink{sink}
	if f.opt.CSV && csv != "" {
		file, err := f.file(csv)
		if err != nil {
			return nil, err
		}
		sink, err := columns.NewCSVSink(file, schema)
		if err != nil {
			return nil, err
		}
		sinks = append(sinks, sink)
	}
	return columns.NewWriter(schema, sinks...)
}

// Listeners are what must hear the run from its first event on.
func (f *Folder) Listeners() []state.Listener {
	all := []state.Listener{f.rows, f.over, f.nodes}
	if f.log != nil {
		all = append(all, f.log)
	}
	if f.line != nil {
		all = append(all, f.line)
	}
	return all
}

// Finish writes what is left and the record, with which the folder is whole: digest, summary and host as in end. A partial
// run, one that was interrupted, gets its reason and stays marked as such. Call it after the engine's Finish.
func (f *Folder) Finish(end Record) error {
	if f.done {
		return fmt.Errorf("%s: the run folder is finished or aborted already", f.dir)
	}
	series, err := f.table(seriesSchema(), SeriesName, SeriesCSVName)
	if err == nil {
		writeSeries(series, f.over, f.nodes.names, f.opt.Pools)
		err = series.Close()
	}
	if err == nil {
		err = f.writeNodes()
	}
	if err = errors.Join(err, f.closeWriters()); err != nil {
		return errors.Join(err, f.Abort())
	}
	if f.stays {
		f.stays = false
		if err := f.takePlace(); err != nil {
			return errors.Join(err, f.Abort())
		}
	}
	for _, file := range f.files {
		if err := file.Commit(); err != nil {
			return errors.Join(err, f.Abort())
		}
	}
	f.done = true
	defer f.lock.Close()
	r := f.record
	slices.Sort(r.Files)
	r.Digest, r.DigestVersion, r.Summary, r.Host = end.Digest, end.DigestVersion, end.Summary, end.Host
	r.Warnings = append(append([]string{}, r.Warnings...), end.Warnings...)
	r.Guests, r.Recovery = end.Guests, end.Recovery
	if r.Summary != nil { // wall time stands under host
		s := *r.Summary
		s.Wall = nil
		r.Summary = &s
	}
	r.Partial = end.Partial
	r.Complete = r.Partial == ""
	return writeRecord(f.dir, &r)
}

// Discard gives up a run that failed: nothing of it is left, and the folder too is removed if it is empty then.
func (f *Folder) Discard() error {
	if f.done {
		return nil
	}
	defer f.lock.Close()
	err := f.abort()
	if f.stays {
		return err
	}
	err = errors.Join(err, os.Remove(filepath.Join(f.dir, recordName)))
	_ = os.Remove(f.dir) // stays if somebody put something into it
	return err
}

// takePlace makes the folder this run's, which is not complete. A record that says "complete" never stands beside missing files.
func (f *Folder) takePlace() error {
	if err := writeRecord(f.dir, &f.record); err != nil {
		return err
	}
	for _, name := range f.old {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (f *Folder) writeNodes() error {
	w, err := f.table(nodeSchema(), NodesName, "")
	if err != nil {
		return err
	}
	f.nodes.write(w)
	return w.Close()
}

// closeWriters closes every table and log once.
func (f *Folder) closeWriters() error {
	var errs []error
	if f.rows != nil {
		errs = append(errs, f.rows.err, f.rows.out.Close())
		if f.rows.attempts != nil {
			errs = append(errs, f.rows.attempts.Close())
		}
		f.rows = nil
	}
	if f.log != nil {
		errs = append(errs, f.log.Close())
		f.log = nil
	}
	if f.line != nil {
		errs = append(errs, f.line.Close())
		f.line = nil
	}
	return errors.Join(errs...)
}

// Abort gives the run up: its files are removed and run.json goes on saying that the run is not complete.
func (f *Folder) Abort() error {
	if f.done {
		return nil
	}
	defer f.lock.Close()
	return f.abort()
}

func (f *Folder) abort() error {
	f.done = true
	_ = f.closeWriters() // what they would write is thrown away
	var errs []error
	for _, file := range f.files {
		errs = append(errs, file.Abort())
	}
	return errors.Join(errs...)
}
