package columns

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
)

// ReadCSV reads a CSV with a header line into batches of a schema's columns; others are skipped, and columns may stand in
// any order. An empty field of an optional column is absent. Errors name line and column. It is for files that
// this package wrote; traces have readers of their own.
func ReadCSV(r io.Reader, schema Schema) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		in := csv.NewReader(r)
		in.ReuseRecord = true
		header, err := in.Read()
		if err != nil {
			yield(nil, fmt.Errorf("header line: %w", err))
			return
		}
		at := make([]int, len(schema))
		for i := range schema {
			at[i] = -1
			for k, name := range header {
				if name == schema[i].Name {
					at[i] = k
				}
			}
			if at[i] < 0 {
				yield(nil, fmt.Errorf("no column %q (there are %s)", schema[i].Name, strings.Join(header, ", ")))
				return
			}
		}
		b := &Batch{Cols: make([]Values, len(schema))}
		for i := range schema {
			if schema[i].Optional {
				b.Cols[i].Null = []bool{}
			}
		}
		for {
			row, err := in.Read()
			if err != nil && err != io.EOF {
				yield(nil, err)
				return
			}
			if err == io.EOF || b.Rows == batchRows {
				if b.Rows > 0 && !yield(b, nil) || err == io.EOF {
					return
				}
				b.Rows = 0
				for i := range b.Cols {
					b.Cols[i].reset()
				}
			}
			for i := range schema {
				if err := b.Cols[i].parse(&schema[i], row[at[i]]); err != nil {
					line, _ := in.FieldPos(at[i])
					yield(nil, fmt.Errorf("line %d, column %q: %w", line, schema[i].Name, err))
					return
				}
			}
			b.Rows++
		}
	}
}

func (v *Values) parse(c *Column, field string) error {
	empty := field == "" && c.Optional
	if v.Null != nil {
		v.Null = append(v.Null, empty)
	}
	switch c.Kind {
	case String:
		v.Text = append(v.Text, field...)
		v.Ends = append(v.Ends, int32(len(v.Text)))
	case Float:
		f, err := 0.0, error(nil)
		if !empty {
			f, err = strconv.ParseFloat(field, 64)
		}
		v.Floats = append(v.Floats, f)
		return err
	default:
		n, err := int64(0), error(nil)
		if !empty {
			n, err = parseFixed(field, c.Decimals)
		}
		v.Ints = append(v.Ints, n)
		return err
	}
	return nil
}

// parseFixed reads a decimal with at most so many decimals exactly.
func parseFixed(s string, decimals int) (int64, error) {
	fail := func() (int64, error) {
		return 0, fmt.Errorf("got %q, want a number with at most %d decimals", s, decimals)
	}
	body, neg := strings.CutPrefix(s, "-")
	integer, fraction, _ := strings.Cut(body, ".")
	if integer == "" || len(fraction) > decimals {
		return fail()
	}
	digits := integer + fraction + strings.Repeat("0", decimals-len(fraction))
	limit := uint64(math.MaxInt64)
	if neg {
		limit++
	}
	var u uint64
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		if d > 9 || u > (limit-d)/10 {
			return fail()
		}
		u = u*10 + d
	}
	if neg {
		return int64(-u), nil
	}
	return int64(u), nil
}
