package trace

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/orrery-sim/orrery/sim/state"
)

// skippedRow marks the id of a row that was left out.
const skippedRow = -1

// afterIndex finds the row of a job's id. Clones of one source share it: they read the same file, so what one has
// learned is true for all, and each looks only at rows before its own.
type afterIndex struct {
	mu   sync.Mutex
	rows map[string]int64
	seen int64 // lines of the file that are in rows
}

// learn notes that line number line (0-based count of read rows) holds id as output row row. It reports false when
// another row has the id.
func (x *afterIndex) learn(line int64, id []byte, row int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if line < x.seen {
		return true
	}
	x.seen = line + 1
	if _, ok := x.rows[string(id)]; ok {
		return false
	}
	x.rows[string(id)] = row
	return true
}

func (x *afterIndex) find(id []byte) (int64, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	row, ok := x.rows[string(id)]
	return row, ok
}

// lateRef is a dependency that is resolved once the whole file is known.
type lateRef struct {
	row  int64 // output row of the job that waits
	id   string
	when state.Condition
	line int
	col  int
}

// nextRef cuts the first reference off a list such as "a:any; b c:ok". A plain id means :ok, as in LSF.
func nextRef(list []byte) (id []byte, when state.Condition, rest []byte) {
	list = bytes.TrimLeft(list, "; ")
	end := bytes.IndexAny(list, "; ")
	if end < 0 {
		end = len(list)
	}
	id, rest = list[:end], list[end:]
	if cut, ok := bytes.CutSuffix(id, []byte(":any")); ok {
		return cut, state.AfterAny, rest
	}
	id, _ = bytes.CutSuffix(id, []byte(":ok"))
	return id, state.AfterOK, rest
}

// after reads the after field of the present row into spec.
func (n *native) after(spec *state.JobSpec) error {
	at := n.at[colAfter]
	list := n.t.get(at)
	for len(list) > 0 {
		var id []byte
		var when state.Condition
		id, when, list = nextRef(list)
		if len(id) == 0 {
			continue
		}
		if n.opt.Sort {
			n.late = append(n.late, lateRef{row: n.row, id: string(id), when: when, line: n.t.lines.line, col: n.t.columnOf(at)})
			continue
		}
		row, ok := n.index.find(id)
		if !ok || row >= n.row {
			e := n.t.fail(at, fmt.Sprintf("after: no earlier row has the job id %s", shown(id)),
				"expected ids of earlier rows, such as a;b:any", "orrery trace convert --sort puts rows in order of submission")
			e.dangling = true
			return e
		}
		n.addDep(spec, row, when)
	}
	return nil
}

func (n *native) addDep(spec *state.JobSpec, row int64, when state.Condition) {
	if row == skippedRow {
		n.count.add("dependency on a job that is left out, dropped")
		return
	}
	spec.After = append(spec.After, state.Dep{Row: uint64(row), When: when})
}

// resolve hands over the dependencies that Sort postponed, in the rows' order in the file.
func (n *native) resolve(add func(row int64, dep state.Dep)) error {
	for _, r := range n.late {
		row, ok := n.index.find([]byte(r.id))
		if !ok {
			return &Error{File: n.t.path(), Line: r.line, Col: r.col, What: fmt.Sprintf("after: no row has the job id %q", r.id),
				Want: "expected ids of other rows", Do: "mend the id, or take it out of after", dangling: true}
		}
		if row == skippedRow {
			n.count.add("dependency on a job that is left out, dropped")
			continue
		}
		add(r.row, state.Dep{Row: uint64(row), When: r.when})
	}
	return nil
}
