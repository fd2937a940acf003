package trace

import "github.com/orrery-sim/orrery/sim/state"

// walk reads every row of a reader, over broken ones too, and reports whether it came to the end of the file: a reader
// that fails without a step forward has a file that cannot be read on.
func walk(rd reader, job func(*state.JobSpec), broken func(error)) bool {
	at, _ := rd.(progress)
	var spec state.JobSpec
	for stuck := 0; ; {
		before := at.offset()
		v, err := rd.next(&spec)
		switch {
		case err != nil:
			if stuck++; at.offset() > before {
				stuck = 0
			}
			if stuck > 1 {
				return false // and says the same again
			}
			broken(err)
		case v == rowEnd:
			return true
		case v == rowJob:
			job(&spec)
		}
	}
}

// Check reads a whole trace as Open would and lists what is wrong with its rows, in the order of the file: the first 20,
// and how many more there are. The error is about the file as a whole. It keeps no rows. A file without an error may still
// be refused by Open, for a job that waits for one submitted later (sorted formats) or for its size.
func Check(formatName, file string, opt Options) (rows []*Error, more int64, err error) {
	f, ok := lookup(formatName)
	if !ok {
		return nil, 0, Unknown(formatName)
	}
	if opt, err = opt.withDefaults(); err != nil {
		return nil, 0, err
	}
	opt.Sort = opt.Sort || f.streams && isParquet(file)
	meta := &Meta{Format: formatName}
	o, err := f.open(file, &opt, new(state.Names), meta)
	if err != nil {
		return nil, 0, err
	}
	defer o.rd.close()
	if err := withCluster(o, meta); err != nil {
		return nil, 0, err
	}
	wrong := func(err error) {
		e, ok := err.(*Error)
		if !ok {
			path, line := o.rd.where()
			e = &Error{File: path, Line: line, What: err.Error()}
		}
		switch {
		case e.dangling && len(rows) > 0: // most likely the broken row above is the one it waits for
		case len(rows) < mostPlaces:
			rows = append(rows, e)
		default:
			more++
		}
	}
	inOrder := f.streams && !opt.Sort
	var last state.Time
	seen := false
	whole := walk(o.rd, func(s *state.JobSpec) {
		if inOrder && seen && s.Submit < last {
			wrong(orderError(o.rd, s.Submit, last))
		}
		seen, last = true, s.Submit
	}, wrong)
	if l, ok := o.rd.(late); ok && whole && opt.Sort {
		if err := l.resolve(func(int64, state.Dep) {}); err != nil {
			wrong(err)
		}
	}
	return rows, more, nil
}
