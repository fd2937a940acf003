package columns

import (
	"io"
	"math"

	kzstd "github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

const (
	rowsPerGroup = 128 << 10 // the library's default keeps the whole file in memory
	pageBytes    = 64 << 10
	windowBytes  = 128 << 10
)

// codec is zstd with a window that fits a page: the library's own encoder keeps a history of 8 MiB, twice.
type codec struct {
	zstd.Codec // to decode
	encoder    *kzstd.Encoder
}

func newCodec() (*codec, error) {
	e, err := kzstd.NewWriter(nil, kzstd.WithEncoderConcurrency(1), kzstd.WithEncoderLevel(kzstd.SpeedFastest), kzstd.WithZeroFrames(true),
		kzstd.WithEncoderCRC(false), kzstd.WithWindowSize(windowBytes), kzstd.WithLowerEncoderMem(true))
	return &codec{encoder: e}, err
}

// Encode appends nothing to dst: it is overwritten.
func (c *codec) Encode(dst, src []byte) ([]byte, error) {
	return c.encoder.EncodeAll(src, dst[:0]), nil
}

// ParquetSink writes row groups of 131,072 rows, compressed with zstd. The bytes depend on the rows alone.
type ParquetSink struct {
	w      *parquet.Writer
	schema Schema
	rows   int // in the present row group
	values [chunkRows]parquet.Value
	scale  []float64 // of Fixed columns
}

// NewParquetSink starts a Parquet file. meta are key-value pairs of its footer.
func NewParquetSink(out io.Writer, schema Schema, meta ...[2]string) (*ParquetSink, error) {
	if err := schema.validate(); err != nil {
		return nil, err
	}
	s := &ParquetSink{schema: schema, scale: make([]float64, len(schema))}
	for i := range schema {
		s.scale[i] = math.Pow10(schema[i].Decimals)
	}
	compress, err := newCodec()
	if err != nil {
		return nil, err
	}
	options := []parquet.WriterOption{
		parquetSchema(schema),
		parquet.Compression(compress),
		parquet.CreatedBy("orrery", "1", "0"),
		parquet.PageBufferSize(pageBytes),
		parquet.MaxRowsPerRowGroup(rowsPerGroup),
		parquet.DataPageVersion(1), // what every reader reads
		parquet.DataPageStatistics(true),
		parquet.DictionaryMaxBytes(1 << 20), // a column that turns out not to repeat
	}
	for _, m := range meta {
		options = append(options, parquet.KeyValueMetadata(m[0], m[1]))
	}
	s.w = parquet.NewWriter(out, options...)
	return s, nil
}

// inOrder is a group whose fields keep their order; the library's own sorts them.
type inOrder struct {
	parquet.Group
	order []string
}

func (g inOrder) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.order))
	for i, name := range g.order {
		fields[i] = byName[name]
	}
	return fields
}

func parquetSchema(schema Schema) *parquet.Schema {
	g := inOrder{Group: parquet.Group{}}
	for _, c := range schema {
		var n parquet.Node
		switch c.Kind {
		case Int:
			n = parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked)
		case Float, Fixed:
			n = parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.Plain)
		case String:
			n = parquet.Encoded(parquet.String(), &parquet.Plain)
			if c.Repeats {
				n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
			}
		}
		if c.Optional {
			n = parquet.Optional(n)
		}
		g.Group[c.Name] = n
		g.order = append(g.order, c.Name)
	}
	return parquet.NewSchema("rows", g)
}

// chunkRows values of a column are handed over at once: they fit the first-level cache.
const chunkRows = 512

// Write encodes a batch.
func (s *ParquetSink) Write(b *Batch) error {
	writers := s.w.ColumnWriters()
	for i := range s.schema {
		for from := 0; from < b.Rows; from += chunkRows {
			n := s.fill(i, &b.Cols[i], from, min(from+chunkRows, b.Rows))
			if _, err := writers[i].WriteRowValues(s.values[:n]); err != nil {
				return err
			}
		}
	}
	if s.rows += b.Rows; s.rows >= rowsPerGroup {
		return s.flush()
	}
	return nil
}

// fill turns rows of a column into the library's values. A value without levels is right for a required column, and
// absent in an optional one.
func (s *ParquetSink) fill(i int, col *Values, from, to int) int {
	out := s.values[:to-from]
	switch s.schema[i].Kind {
	case Int:
		for k, v := range col.Ints[from:to] {
			out[k] = parquet.Int64Value(v)
		}
	case Fixed:
		scale := s.scale[i]
		for k, v := range col.Ints[from:to] {
			out[k] = parquet.DoubleValue(float64(v) / scale)
		}
	case Float:
		for k, v := range col.Floats[from:to] {
			out[k] = parquet.DoubleValue(v)
		}
	case String:
		for k := range out {
			out[k] = parquet.ByteArrayValue(col.Bytes(from + k))
		}
	}
	if s.schema[i].Optional {
		for k := range out {
			if col.Null[from+k] {
				out[k] = parquet.Value{}
			} else {
				out[k] = out[k].Level(0, 1, i)
			}
		}
	}
	return len(out)
}

func (s *ParquetSink) flush() error {
	for _, c := range s.w.ColumnWriters() {
		if err := c.Close(); err != nil {
			return err
		}
	}
	s.rows = 0
	return s.w.Flush()
}

// Close writes the last row group and the footer.
func (s *ParquetSink) Close() error {
	if s.rows > 0 {
		if err := s.flush(); err != nil {
			return err
		}
	}
	return s.w.Close()
}
