package columns

import "fmt"

// batchRows is how many rows are gathered before the sinks get them.
const batchRows = 4096

// Writer gathers rows and hands them to sinks in a goroutine of its own, so that whoever produces rows does not wait for
// encoding. Fill every column of a row in any order, then call EndRow. It is for one goroutine.
type Writer struct {
	schema Schema
	batch  *Batch
	full   chan *Batch
	empty  chan *Batch
	done   chan error
	sinks  []Sink
	closed bool
}

// NewWriter starts a writer. Close must be called.
func NewWriter(schema Schema, sinks ...Sink) (*Writer, error) {
	if err := schema.validate(); err != nil {
		return nil, err
	}
	w := &Writer{schema: schema, sinks: sinks, full: make(chan *Batch, 2), empty: make(chan *Batch, 3), done: make(chan error, 1)}
	for range 3 {
		b := &Batch{Cols: make([]Values, len(schema))}
		for i := range schema {
			if schema[i].Optional {
				b.Cols[i].Null = make([]bool, 0, batchRows)
			}
		}
		w.empty <- b
	}
	w.batch = <-w.empty
	go w.run()
	return w, nil
}

func (w *Writer) run() {
	var failed error
	for b := range w.full {
		for _, s := range w.sinks {
			if failed == nil {
				failed = s.Write(b)
			}
		}
		b.Rows = 0
		for i := range b.Cols {
			b.Cols[i].reset()
		}
		w.empty <- b
	}
	for _, s := range w.sinks {
		if err := s.Close(); failed == nil {
			failed = err
		}
	}
	w.done <- failed
}

// Int sets an Int or Fixed value of the row.
func (w *Writer) Int(col int, v int64) {
	c := &w.batch.Cols[col]
	c.Ints = append(c.Ints, v)
	if c.Null != nil {
		c.Null = append(c.Null, false)
	}
}

// Float sets a Float value of the row.
func (w *Writer) Float(col int, v float64) {
	c := &w.batch.Cols[col]
	c.Floats = append(c.Floats, v)
	if c.Null != nil {
		c.Null = append(c.Null, false)
	}
}

// Bytes sets a String value of the row; the bytes are copied.
func (w *Writer) Bytes(col int, v []byte) {
	c := &w.batch.Cols[col]
	c.Text = append(c.Text, v...)
	c.endText()
}

// String sets a String value of the row.
func (w *Writer) String(col int, v string) {
	c := &w.batch.Cols[col]
	c.Text = append(c.Text, v...)
	c.endText()
}

func (v *Values) endText() {
	v.Ends = append(v.Ends, int32(len(v.Text)))
	if v.Null != nil {
		v.Null = append(v.Null, false)
	}
}

// Null leaves the row without a value in an optional column.
func (w *Writer) Null(col int) {
	c := &w.batch.Cols[col]
	switch w.schema[col].Kind {
	case Int, Fixed:
		c.Ints = append(c.Ints, 0)
	case Float:
		c.Floats = append(c.Floats, 0)
	case String:
		c.Ends = append(c.Ends, int32(len(c.Text)))
	}
	c.Null = append(c.Null, true)
}

// EndRow completes a row. A failure of a sink shows at Close.
func (w *Writer) EndRow() {
	w.batch.Rows++
	if w.batch.Rows == batchRows {
		w.full <- w.batch
		w.batch = <-w.empty
	}
}

// check finds a row that was not filled: a mistake of the program that would shift a column.
func (w *Writer) check() error {
	for i := range w.schema {
		c := &w.batch.Cols[i]
		if n := len(c.Ints) + len(c.Floats) + len(c.Ends); n != w.batch.Rows {
			return fmt.Errorf("column %q has %d values for %d rows", w.schema[i].Name, n, w.batch.Rows)
		}
	}
	return nil
}

// Close writes what is left, closes the sinks and returns the first error of all.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	wrong := w.check()
	if wrong == nil && w.batch.Rows > 0 {
		w.full <- w.batch
	}
	close(w.full)
	if err := <-w.done; wrong == nil {
		wrong = err
	}
	return wrong
}
