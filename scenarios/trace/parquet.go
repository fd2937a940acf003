package trace

import (
	"fmt"
	"iter"
	"os"
	"strconv"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/units"
)

// isParquet looks at the first bytes of a file; what cannot be read is for the caller to find out.
func isParquet(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [4]byte
	n, _ := f.Read(magic[:])
	return n == 4 && string(magic[:]) == "PAR1"
}

// parquetRows spells the rows of a Parquet file as a row of CSV would have them, so that one set of rules reads both.
type parquetRows struct {
	file  *columns.Parquet
	next  func() (*columns.Batch, error, bool)
	stop  func()
	batch *columns.Batch
	row   int
	text  []byte
	ends  []int
}

// openParquetTable is a table over a Parquet file; its line numbers are rows, from 1.
func openParquetTable(path string) (*table, error) {
	p, err := columns.OpenParquet(path)
	if err != nil {
		return nil, &Error{File: path, What: err.Error(), Want: "expected a whole Parquet file", Do: "write or fetch it again"}
	}
	t := &table{lines: &lines{in: &input{path: path}}, sep: ',', parquet: &parquetRows{file: p}}
	for i, c := range p.Schema() {
		t.header = append(t.header, c.Name)
		t.headCol = append(t.headCol, i+1)
	}
	t.parquet.next, t.parquet.stop = iter.Pull2(p.Batches())
	if start, ok := p.Meta("start"); ok {
		t.comments = append(t.comments, "start: "+start)
	}
	return t, nil
}

// read moves to the next row and spells it. A file with broken insides can make the Parquet library panic.
func (p *parquetRows) read(t *table) (ok bool, err error) {
	defer func() {
		if x := recover(); x != nil {
			ok, err = false, &Error{File: t.path(), Line: t.lines.line + 1, What: fmt.Sprintf("is no sound Parquet file: %v", x),
				Want: "expected a whole Parquet file", Do: "write or fetch it again"}
		}
	}()
	if p.batch == nil || p.row == p.batch.Rows {
		batch, err, ok := p.next()
		if err != nil {
			return false, &Error{File: t.path(), Line: t.lines.line + 1, What: err.Error(),
				Want: "expected a whole Parquet file", Do: "write or fetch it again"}
		}
		if !ok {
			p.close()
			return false, nil
		}
		p.batch, p.row = batch, 0
	}
	t.lines.line++
	t.lines.off++
	p.text, p.ends = p.text[:0], p.ends[:0]
	for i, c := range p.file.Schema() {
		v := &p.batch.Cols[i]
		switch {
		case v.Absent(p.row):
		case c.Kind == columns.Int:
			p.text = strconv.AppendInt(p.text, v.Ints[p.row], 10)
		case c.Kind == columns.Fixed:
			p.text = units.AppendFixed(p.text, v.Ints[p.row], c.Decimals)
		case c.Kind == columns.Float:
			p.text = strconv.AppendFloat(p.text, v.Floats[p.row], 'f', -1, 64)
		default:
			p.text = append(p.text, v.Bytes(p.row)...)
		}
		p.ends = append(p.ends, len(p.text))
	}
	p.row++
	t.fields = t.fields[:0]
	from := 0
	for _, end := range p.ends {
		t.fields = append(t.fields, p.text[from:end])
		from = end
	}
	return true, nil
}

func (p *parquetRows) close() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
		p.file.Close()
	}
}
