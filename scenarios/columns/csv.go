package columns

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
)

// CSVSink writes RFC 4180 with a header line, \n at line ends, and quotes where a field needs them. An absent value is an
// empty field. Floats are written with the fewest digits that read back the same.
type CSVSink struct {
	w      *bufio.Writer
	schema Schema
	line   []byte
}

// NewCSVSink writes the header.
func NewCSVSink(out io.Writer, schema Schema) (*CSVSink, error) {
	if err := schema.validate(); err != nil {
		return nil, err
	}
	s := &CSVSink{w: bufio.NewWriterSize(out, 64<<10), schema: schema}
	for i := range schema {
		if i > 0 {
			s.line = append(s.line, ',')
		}
		s.line = AppendCSV(s.line, []byte(schema[i].Name))
	}
	s.line = append(s.line, '\n')
	_, err := s.w.Write(s.line)
	return s, err
}

// Write appends the rows of a batch.
func (s *CSVSink) Write(b *Batch) error {
	for row := range b.Rows {
		line := s.line[:0]
		for i := range s.schema {
			if i > 0 {
				line = append(line, ',')
			}
			col := &b.Cols[i]
			if col.Absent(row) {
				continue
			}
			switch c := &s.schema[i]; c.Kind {
			case Int:
				line = strconv.AppendInt(line, col.Ints[row], 10)
			case Fixed:
				line = appendFixed(line, col.Ints[row], c.Decimals)
			case Float:
				line = strconv.AppendFloat(line, col.Floats[row], 'g', -1, 64)
			case String:
				line = AppendCSV(line, col.Bytes(row))
			}
		}
		if len(line) == 0 {
			line = append(line, '"', '"') // a row of one empty field is not an empty line
		}
		s.line = append(line, '\n')
		if _, err := s.w.Write(s.line); err != nil {
			return err
		}
	}
	return nil
}

// Close flushes the buffer.
func (s *CSVSink) Close() error { return s.w.Flush() }

// AppendCSV appends a field, quoted if it holds a comma, a quote, a line break or spaces at its ends.
func AppendCSV(dst, field []byte) []byte {
	if len(field) == 0 {
		return dst
	}
	plain := bytes.IndexByte(field, ',') < 0 && bytes.IndexByte(field, '"') < 0 && bytes.IndexByte(field, '\n') < 0 &&
		bytes.IndexByte(field, '\r') < 0 && field[0] != ' ' && field[len(field)-1] != ' '
	if plain {
		return append(dst, field...)
	}
	dst = append(dst, '"')
	for _, c := range field {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// appendFixed appends v x 10^-decimals exactly, without trailing zeros.
func appendFixed(dst []byte, v int64, decimals int) []byte {
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	scale := uint64(1)
	for range decimals {
		scale *= 10
	}
	dst = strconv.AppendUint(dst, u/scale, 10)
	rest := u % scale
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.')
	for rest > 0 {
		scale /= 10
		dst = append(dst, byte('0'+rest/scale))
		rest %= scale
	}
	return dst
}
