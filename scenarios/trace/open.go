package trace

import (
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// opened is what a format's opener hands over.
type opened struct {
	rd reader
	// dated: the reader's times are nanoseconds since 1970, UTC; the first submission becomes 0.
	dated bool
	// cluster is called once the rows are read.
	cluster func() (*ClusterSpec, error)
}

// opener starts to read a file of one format.
type opener func(path string, opt *Options, names *state.Names, meta *Meta) (opened, error)

// Open opens a trace. Names are interned into names while it reads. Meta.Warnings hold what is known at once; a streamed
// format counts more while it is read (NotesOf).
func Open(format, file string, opt Options, names *state.Names) (state.Source, *Meta, error) {
	f, ok := lookup(format)
	if !ok {
		return nil, nil, Unknown(format)
	}
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, nil, err
	}
	if f.streams && isParquet(file) {
		opt.Sort = true // read whole: a row group cannot be entered in the middle for little
	}
	meta := &Meta{Format: format}
	if f.streams && !opt.Sort {
		o, err := f.open(file, &opt, names, meta)
		if err != nil {
			return nil, nil, err
		}
		if err := withCluster(o, meta); err != nil {
			o.rd.close()
			return nil, nil, err
		}
		return &stream{rd: o.rd.(streamer)}, meta, nil
	}
	src, err := openPacked(f, file, &opt, names, meta)
	if err != nil {
		return nil, nil, err
	}
	return src, meta, nil
}

func withCluster(o opened, meta *Meta) (err error) {
	if o.cluster == nil {
		return nil
	}
	if meta.Cluster, err = o.cluster(); err == nil && meta.Cluster != nil {
		meta.Warnings = append(meta.Warnings, meta.Cluster.Warnings...)
	}
	return err
}

// openPacked reads a file whole and puts it in order of submission.
func openPacked(f *format, file string, opt *Options, names *state.Names, meta *Meta) (state.Source, error) {
	own := new(state.Names)
	o, err := f.open(file, opt, own, meta)
	if err != nil {
		return nil, err
	}
	defer o.rd.close()
	b := newPacker(own, opt.MaxRows)
	var spec state.JobSpec
	for {
		v, err := o.rd.next(&spec)
		if err != nil {
			return nil, err
		}
		if v == rowEnd {
			break
		}
		if v == rowSkip {
			continue
		}
		if err := b.add(&spec); err != nil {
			path, line := o.rd.where()
			return nil, &Error{File: path, Line: line, What: err.Error(), Want: "expected fewer, because this format is read whole",
				Do: "cut the file"}
		}
	}
	l, _ := o.rd.(late)
	unsorted, err := b.finish(l)
	if err != nil {
		return nil, err
	}
	if err := b.checkDeps(file); err != nil {
		return nil, err
	}
	if o.dated && len(b.p.rows) > 0 {
		meta.Start, meta.HasDate = time.Unix(0, int64(b.p.rebase())).UTC(), true
	}
	if unsorted > 0 {
		meta.Warnings = append(meta.Warnings, counted(int64(unsorted), "row")+" behind a row submitted later: sorted by submission, ties in the order of the file")
	}
	if err := withCluster(o, meta); err != nil {
		return nil, err
	}
	said := o.rd.notes().lines()
	meta.Warnings = append(meta.Warnings, said...)
	src, err := newPackedSource(b.p, 0, names, said)
	if err != nil {
		return nil, &Error{File: file, What: err.Error(), Want: "expected no more in all workloads of a scenario together", Do: tooManyNames}
	}
	return src, nil
}

// tooManyNames is what to do about too many GPU types or x_* columns.
const tooManyNames = "take some out, or give those that may stand for each other one name"

// checkDeps refuses a dependency on a job that is not submitted earlier.
func (b *packer) checkDeps(file string) error {
	p := b.p
	for i := range p.rows {
		r := &p.rows[i]
		for _, d := range p.deps[r.dep : r.dep+r.depN] {
			if d.Row >= uint64(i) {
				other := p.rows[d.Row]
				return &Error{File: file, What: fmt.Sprintf("job %s waits for job %s, which is submitted later",
					shown(p.text[r.name:r.name+int64(r.nameLen)]), shown(p.text[other.name:other.name+int64(other.nameLen)])),
					Want: "expected a job to wait for earlier ones only", Do: "take it out of the job's dependencies, or mend the submissions"}
			}
		}
	}
	return nil
}
