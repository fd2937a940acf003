package trace

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Merge puts several sources into one order of submission; equal instants keep the order of the sources. All of them
// intern into names.
func Merge(names *state.Names, sources ...state.Source) state.Source {
	m := &merged{names: names}
	for _, src := range sources {
		m.parts = append(m.parts, mergePart{src: src, more: true})
	}
	return m
}

type merged struct {
	names  *state.Names
	parts  []mergePart
	primed bool
}

// mergePart is one source with its next job.
type mergePart struct {
	src  state.Source
	head state.JobSpec
	more bool
	err  error
	rows marks // bit i: the merged row i is one of this source
}

func (p *mergePart) advance() {
	p.more, p.err = p.src.Next(&p.head)
}

func (m *merged) Next(s *state.JobSpec) (bool, error) {
	if !m.primed {
		m.primed = true
		for i := range m.parts {
			m.parts[i].advance()
		}
	}
	best := -1
	for i := range m.parts {
		p := &m.parts[i]
		if p.err != nil {
			return false, p.err
		}
		if p.more && (best < 0 || p.head.Submit < m.parts[best].head.Submit) {
			best = i
		}
	}
	if best < 0 {
		s.Reset()
		return false, nil
	}
	p := &m.parts[best]
	*s, p.head = p.head, *s
	for i := range s.After {
		s.After[i].Row = uint64(p.rows.find(int64(s.After[i].Row)))
	}
	for i := range m.parts {
		m.parts[i].rows.add(i == best)
	}
	p.advance()
	return true, nil
}

func (m *merged) Clone(names *state.Names) (state.Source, error) {
	c := &merged{names: names, primed: m.primed, parts: make([]mergePart, len(m.parts))}
	for i := range m.parts {
		p, q := &m.parts[i], &c.parts[i]
		*q = mergePart{head: p.head, more: p.more, err: p.err, rows: p.rows.copy()}
		q.head.Name, q.head.Roles, q.head.After = slices.Clone(p.head.Name), slices.Clone(p.head.Roles), slices.Clone(p.head.After)
		var err error
		if q.src, err = p.src.Clone(names); err != nil {
			return nil, err
		}
		if m.primed && p.more {
			if err := respell(&q.head, m.names, names); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// Notes are those of all sources.
func (m *merged) Notes() []string {
	var out []string
	for i := range m.parts {
		out = append(out, NotesOf(m.parts[i].src)...)
	}
	return out
}
