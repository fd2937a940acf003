package columns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Parquet is an open Parquet file with flat columns of integers, floats, booleans (as 0 and 1) and strings, whoever wrote
// it. Decimals are Fixed if they have at most 18 digits.
type Parquet struct {
	file   *parquet.File
	closer io.Closer
	schema Schema
	leaf   []int // the file's column of each of ours
}

// OpenParquet opens a file. Close it.
func OpenParquet(name string) (*Parquet, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	p, err := ReadParquet(f, st.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	p.closer = f
	return p, nil
}

// ReadParquet reads a Parquet file of a size.
func ReadParquet(r io.ReaderAt, size int64) (p *Parquet, err error) {
	defer recoverTo(&err)
	if err := footer(r, size); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(r, size, parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("not a whole Parquet file: %w", err)
	}
	p = &Parquet{file: file}
	for i, f := range file.Schema().Fields() {
		if !f.Leaf() || f.Repeated() {
			return nil, fmt.Errorf("column %q is nested or repeated (want flat columns)", f.Name())
		}
		c, err := columnOf(f)
		if err != nil {
			return nil, err
		}
		p.schema = append(p.schema, c)
		p.leaf = append(p.leaf, i)
	}
	return p, nil
}

// footer tests a file's end before anything is read by what it says: the library makes room for a footer of any length.
func footer(r io.ReaderAt, size int64) error {
	const magic = "PAR1"
	var end [8]byte
	if size < int64(2*len(magic)+4) {
		return fmt.Errorf("not a whole Parquet file: it has %d bytes", size)
	}
	if _, err := r.ReadAt(end[:], size-int64(len(end))); err != nil {
		return err
	}
	if string(end[4:]) != magic {
		return fmt.Errorf("not a whole Parquet file: it does not end in %s; it may have been cut off", magic)
	}
	if n := int64(binary.LittleEndian.Uint32(end[:])); n > size-int64(2*len(magic)+4) {
		return fmt.Errorf("not a sound Parquet file: a footer of %d bytes in a file of %d", n, size)
	}
	return nil
}

// recoverTo turns a panic of the library on a broken file into an error.
func recoverTo(err *error) {
	if x := recover(); x != nil {
		*err = fmt.Errorf("not a sound Parquet file: %v", x)
	}
}

func columnOf(f parquet.Field) (Column, error) {
	c := Column{Name: f.Name(), Optional: f.Optional()}
	t := f.Type()
	var logical format.LogicalTypeValue
	if l := t.LogicalType(); l != nil {
		logical = l.Value
	}
	if d, ok := logical.(*format.DecimalType); ok {
		if k := t.Kind(); k != parquet.Int32 && k != parquet.Int64 || d.Scale < 0 || d.Scale > 9 {
			return c, fmt.Errorf("column %q: a decimal of %d digits, %d of them decimals (want at most 18 and 9)", c.Name, d.Precision, d.Scale)
		}
		c.Kind, c.Decimals = Fixed, int(d.Scale)
		if d.Scale == 0 {
			c.Kind = Int
		}
		return c, nil
	}
	switch t.Kind() {
	case parquet.Int32, parquet.Int64, parquet.Boolean:
		c.Kind = Int
	case parquet.Float, parquet.Double:
		c.Kind = Float
	case parquet.ByteArray, parquet.FixedLenByteArray:
		c.Kind = String
	default:
		return c, fmt.Errorf("column %q holds %s (want integers, floats, booleans or strings)", c.Name, t)
	}
	return c, nil
}

// Schema is the file's columns.
func (p *Parquet) Schema() Schema { return p.schema }

// Rows is the number of rows.
func (p *Parquet) Rows() int64 { return p.file.NumRows() }

// Meta is a key of the footer.
func (p *Parquet) Meta(key string) (string, bool) { return p.file.Lookup(key) }

// Close closes the file that OpenParquet opened.
func (p *Parquet) Close() error {
	if p.closer == nil {
		return nil
	}
	return p.closer.Close()
}

// Batches reads the named columns (all, if none is named) in row order; a batch's columns are in the order of the names
// and it is reused for the next. A column that the file does not have is an error.
func (p *Parquet) Batches(names ...string) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if len(names) == 0 {
			for _, c := range p.schema {
				names = append(names, c.Name)
			}
		}
		cols := make([]int, len(names))
		for i, n := range names {
			if cols[i] = p.schema.Index(n); cols[i] < 0 {
				yield(nil, fmt.Errorf("no column %q (there are %v)", n, p.names()))
				return
			}
		}
		b := &Batch{Cols: make([]Values, len(cols))}
		for _, group := range p.file.RowGroups() {
			if !p.group(group, cols, b, yield) {
				return
			}
		}
	}
}

func (p *Parquet) names() []string {
	var all []string
	for _, c := range p.schema {
		all = append(all, c.Name)
	}
	return all
}

// cursor reads one column of a row group.
type cursor struct {
	pages  parquet.Pages
	values parquet.ValueReader
	buf    [1024]parquet.Value
}

// group yields a row group in batches; it reports whether to go on.
func (p *Parquet) group(group parquet.RowGroup, cols []int, b *Batch, yield func(*Batch, error) bool) bool {
	chunks := group.ColumnChunks()
	open := make([]*cursor, len(cols))
	defer func() {
		for _, c := range open {
			if c != nil {
				_ = c.pages.Close() // reading only
			}
		}
	}()
	for i, col := range cols {
		open[i] = &cursor{pages: chunks[p.leaf[col]].Pages()}
	}
	for left := int(group.NumRows()); left > 0; {
		b.Rows = min(left, batchRows)
		for i, col := range cols {
			if err := open[i].fill(&p.schema[col], &b.Cols[i], b.Rows); err != nil {
				yield(nil, fmt.Errorf("column %q: %w", p.schema[col].Name, err))
				return false
			}
		}
		left -= b.Rows
		if !yield(b, nil) {
			return false
		}
	}
	return true
}

// fill reads rows values.
func (c *cursor) fill(col *Column, v *Values, rows int) (err error) {
	defer recoverTo(&err)
	v.reset()
	if col.Optional && v.Null == nil {
		v.Null = []bool{}
	}
	for rows > 0 {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				if err == io.EOF {
					err = fmt.Errorf("%d rows are missing: %w", rows, io.ErrUnexpectedEOF)
				}
				return err
			}
			c.values = page.Values()
		}
		n, err := c.values.ReadValues(c.buf[:min(rows, len(c.buf))])
		for i := range n {
			v.put(col, &c.buf[i])
		}
		rows -= n
		if err == io.EOF || err == nil && n == 0 {
			c.values = nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (v *Values) put(col *Column, x *parquet.Value) {
	if v.Null != nil {
		v.Null = append(v.Null, x.IsNull())
	}
	switch col.Kind {
	case Int, Fixed:
		v.Ints = append(v.Ints, intOf(x))
	case Float:
		f := x.Double()
		if x.Kind() == parquet.Float {
			f = float64(x.Float())
		} else if x.IsNull() {
			f = 0
		}
		v.Floats = append(v.Floats, f)
	case String:
		if !x.IsNull() {
			v.Text = append(v.Text, x.ByteArray()...)
		}
		v.Ends = append(v.Ends, int32(len(v.Text)))
	}
}

func intOf(x *parquet.Value) int64 {
	switch {
	case x.IsNull():
		return 0
	case x.Kind() == parquet.Int32:
		return int64(x.Int32())
	case x.Kind() == parquet.Boolean:
		if x.Boolean() {
			return 1
		}
		return 0
	}
	return x.Int64()
}
